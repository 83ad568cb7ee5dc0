import { type AgentCard, GetExtendedAgentCardParams } from '@skein/contracts/a2a';
import { A2AError } from '../errors.ts';
import type { CallContext, Principal } from '../server/principal.ts';
import { inTenant, readParams } from './params.ts';

/** What a known caller is told in place of parts of the public card: more skills, for example. */
export type ExtendedCard = (
  principal: Principal,
  context: { tenant?: string | undefined },
) => Promise<Partial<AgentCard>>;

type WholeCard = (...asked: Parameters<ExtendedCard>) => Promise<AgentCard>;

/** GetExtendedAgentCard: for those who have proved who they are. */
export function getExtendedAgentCard(card: () => AgentCard, extended: WholeCard | undefined) {
  return async (params: unknown, context: CallContext): Promise<AgentCard> => {
    const { tenant } = inTenant(context, readParams(GetExtendedAgentCardParams, params).tenant);
    if (card().capabilities.extendedAgentCard !== true) {
      throw new A2AError('UNSUPPORTED_OPERATION', 'This agent has no extended card');
    }
    if (!extended || !context.principal) {
      throw new A2AError('EXTENDED_AGENT_CARD_NOT_CONFIGURED', 'This agent declares an extended card but has none');
    }
    return extended(context.principal, { tenant });
  };
}
