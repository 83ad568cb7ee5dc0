/** The card that CortexPrism reads: v1.0's with a `url` and `interfaces` of its own beside it. */
import type { AgentCard, AgentSkill } from '@skein/contracts/a2a';

export interface CortexCardPlace {
  /** Absolute, and ends in `/a2a`: CortexPrism looks for the card below what stands before. */
  url: string;
  /** Ids become what CortexPrism calls capabilities. */
  skills: readonly AgentSkill[];
}

export function writeCortexCard(card: AgentCard, { url, skills }: CortexCardPlace) {
  return { ...card, url, interfaces: [{ url, protocol: 'json-rpc', version: '1.0' }], skills };
}
