/** The methods of the cortex dialect and what each answers. CortexPrism says `null` of a task that it does not know. */
import { A2AError } from '../../errors.ts';
import type { CortexPeerHandler } from './cortex-handler.ts';
import { type CortexTask, writeCortexTask } from './cortex-task.ts';
import { failed } from './cortex-turn.ts';

export interface CortexCall {
  peer: string;
  params: unknown;
  nowMs: number;
}

interface CortexMethodDeps {
  handler: CortexPeerHandler;
  /** What SendMessage comes to. */
  send: (params: unknown) => Promise<CortexTask>;
  card: () => unknown;
}

/** Errors: A2AError METHOD_NOT_FOUND, INVALID_PARAMS. */
export async function answerCortexCall(
  method: string,
  { peer, params, nowMs }: CortexCall,
  { handler, send, card }: CortexMethodDeps,
): Promise<unknown> {
  const told = (task: CortexTask | undefined) => (task ? writeCortexTask(task, nowMs) : null);
  switch (method) {
    case 'SendMessage':
      return told(await send(params));
    case 'GetTask':
      return told(await handler.getTask(peer, taskIdOf(params)));
    case 'CancelTask':
      return told(await handler.cancelTask(peer, taskIdOf(params)));
    case 'ListTasks':
      return { tasks: (await handler.listTasks(peer)).map(told) };
    case 'GetAgentCard':
    case 'GetExtendedAgentCard':
      return card();
    default:
      throw new A2AError('METHOD_NOT_FOUND', 'There is no such method here');
  }
}

/** Where the call itself failed, in the only words that are not taken for a node that is away. */
export const failedCall = (id: string, nowMs: number) =>
  writeCortexTask(failed(id, 'internal error: the node’s log says why'), nowMs);

function taskIdOf(params: unknown): string {
  const { id } = (params ?? {}) as { id?: unknown }; // looked at in the next line
  if (typeof id === 'string' && id !== '') return id;
  throw new A2AError('INVALID_PARAMS', 'Say which task: params.id');
}
