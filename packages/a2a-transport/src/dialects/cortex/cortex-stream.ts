/**
 * A stream as CortexPrism says it: the first and the last event in JSON-RPC's envelope with a task, a status between them
 * without one, and `[DONE]` at the end.
 */
import { type CortexTask, writeCortexTask } from './cortex-task.ts';

export type RpcId = string | number | null;

const event = (payload: unknown): string => `data: ${JSON.stringify(payload)}\n\n`;

/** The lines that tell of a task that was taken in. */
export function writeCortexBeginning(id: RpcId, taskId: string, nowMs: number): string {
  const task = writeCortexTask({ id: taskId }, nowMs);
  return (
    event({ jsonrpc: '2.0', id, result: { task } }) +
    event({ type: 'TaskStatusUpdateEvent', taskId, status: task.status, final: false })
  );
}

/** The lines that tell of its end. */
export function writeCortexEnd(id: RpcId, told: CortexTask, nowMs: number): string {
  const task = writeCortexTask(told, nowMs);
  return `${
    event({ type: 'TaskStatusUpdateEvent', taskId: told.id, status: task.status, final: true }) +
    event({ jsonrpc: '2.0', id, result: { task } })
  }data: [DONE]\n\n`;
}
