/** Who answers the messages that are no directives. */
import type { AgentExecutor } from '@skein/a2a-transport';
import type { Eligibility } from '@skein/contracts';
import { refusalWhileOut } from '../directives/refusal-while-out.ts';

/** A plain message never becomes a directive: where no agent is configured to take it, its task is refused, with why. */
const noDefaultAgent: AgentExecutor = {
  async *execute() {
    const text =
      'This node has no agent for plain messages. Send a directive under the extension urn:skein:a2a:swarm:v1, ' +
      'or ask its operator to configure a default agent.';
    yield { status: { state: 'TASK_STATE_REJECTED', message: { parts: [{ text }] } } };
  },
};

/**
 * The program's agent, as long as its node is in work: of a node that is drained nobody begins anything new, though what
 * has begun may go on; a sealed one does nothing at all.
 */
export function createPlainAgent(
  given: AgentExecutor | AgentExecutor['execute'] | undefined,
  eligibility: () => Eligibility,
): AgentExecutor {
  if (!given) return noDefaultAgent;
  const agent = typeof given === 'function' ? { execute: given } : given;
  return {
    execute(request, context) {
      const now = eligibility();
      const refused = request.task && now === 'draining' ? undefined : refusalWhileOut(now);
      if (refused) throw refused;
      return agent.execute(request, context);
    },
  };
}
