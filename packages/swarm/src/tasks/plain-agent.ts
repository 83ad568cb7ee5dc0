/** Who answers the messages that are no directives. */
import type { AgentExecutor } from '@skein/a2a-transport';
import type { Eligibility } from '@skein/contracts';
import { refusalWhileOut } from '../directives/refusal-while-out.ts';

/** A plain message never becomes a directive: where the program gave no agent to take it, its task is refused, with why. */
const noAgent: AgentExecutor = {
  async *execute() {
    const text =
      'This node answers no plain messages: the program that runs it gave it no agent (`executor` of createSwarmNode; ' +
      'no setting of `skein up` does). Send a directive, with the extension urn:skein:a2a:swarm:v1.';
    yield { status: { state: 'TASK_STATE_REJECTED', message: { parts: [{ text }] } } };
  },
};

/**
 * The program's agent, as long as its node is in work: of a node that is drained nobody begins anything new, though what
 * has begun may go on; a sealed one does nothing at all.
 */
export function createPlainAgent(
  given: AgentExecutor | AgentExecutor['execute'] = noAgent,
  eligibility: () => Eligibility,
): AgentExecutor {
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
