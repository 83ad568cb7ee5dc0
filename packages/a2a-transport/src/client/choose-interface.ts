import type { AgentCard, AgentInterface } from '@skein/contracts/a2a';
import { A2AClientError } from '../errors.ts';

/** A version of A2A that this client speaks. */
export type SpokenVersion = '1.0' | '0.3';

/** An interface of an agent that is spoken here. */
export interface ChosenInterface {
  endpoint: string;
  version: SpokenVersion;
  tenant: string | undefined;
}

/**
 * Which of a card's interfaces is called: of the version that the caller likes best, the one that stands first in the
 * card, which is the agent's own preference. An older version is spoken only where the card has no newer one.
 *
 * @throws A2AClientError `NOT_OFFERED` with what the card does offer
 */
export function chooseInterface(
  { name, supportedInterfaces }: Pick<AgentCard, 'name' | 'supportedInterfaces'>,
  versions: readonly SpokenVersion[],
  baseUrl: string,
): ChosenInterface {
  for (const version of versions) {
    for (const { protocolBinding, protocolVersion, url, tenant } of supportedInterfaces) {
      if (protocolBinding !== 'JSONRPC' || withoutPatch(protocolVersion) !== version) continue;
      const endpoint = endpointOf(url, baseUrl);
      if (endpoint !== undefined) return { endpoint, version, tenant: tenant || undefined };
    }
  }
  const offered = supportedInterfaces.map(inWords).join(', ');
  const spoken = versions.map((version) => `JSONRPC ${version}`).join(' and ');
  throw new A2AClientError('NOT_OFFERED', `${name} offers ${offered}; spoken here: ${spoken}, over http or https`);
}

/** Its address may be told from where its card is; A2A asks for a whole one, and not everybody knows their own. */
function endpointOf(url: string, baseUrl: string): string | undefined {
  if (!URL.canParse(url, baseUrl)) return undefined;
  const { protocol, href } = new URL(url, baseUrl);
  return /^https?:$/.test(protocol) ? href : undefined;
}

function withoutPatch(version: string): string {
  return version.split('.', 2).join('.');
}

function inWords({ protocolBinding, protocolVersion, url }: AgentInterface): string {
  return `${protocolBinding} ${protocolVersion} at ${url}`;
}
