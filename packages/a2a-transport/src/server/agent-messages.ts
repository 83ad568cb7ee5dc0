import { isTerminal, type Message, type SendMessageParams, type Task } from '@skein/contracts/a2a';
import { A2AError } from '../errors.ts';
import { createEventFrame, taskEvent } from './agent-events.ts';
import type { ExecutionRequest } from './agent-executor.ts';
import type { MessageHandler } from './message-handler.ts';
import type { Principal } from './principal.ts';
import { progress } from './task-progress.ts';
import { TaskRun, type TaskRunDeps } from './task-run.ts';
import { createTurns } from './turns.ts';

/** The agent as a message handler: which message starts which execution, and who may touch which task. */
export function createAgentMessages(deps: TaskRunDeps): MessageHandler & { close(): Promise<void> } {
  const { taskStore, random } = deps;
  const runs = new Map<string, TaskRun>();
  const inTurn = createTurns();

  const createRun = (request: ExecutionRequest, principal: Principal | undefined): TaskRun => {
    const run = new TaskRun(deps, request, principal, () => runs.delete(request.taskId));
    runs.set(request.taskId, run);
    return run;
  };

  const begin = ({ message, configuration = {} }: SendMessageParams, principal: Principal | undefined) => {
    const taskId = message.taskId || random.uuid();
    if (!message.taskId) {
      const contextId = message.contextId || random.uuid();
      return createRun({ taskId, contextId, message: { ...message, taskId, contextId }, configuration }, principal);
    }
    return inTurn(taskId, async () => {
      const busy = runs.has(taskId); // asked before reading: no execution begins or ends unseen in between
      const task = await taskStore.get(taskId, principal);
      if (!task) throw new A2AError('TASK_NOT_FOUND', 'Task not found', { metadata: { taskId } });
      const contextId = contextOf(message, task.contextId);
      if (isTerminal(task.status.state)) throw new A2AError('UNSUPPORTED_OPERATION', 'The task has ended');
      if (busy) throw new A2AError('UNSUPPORTED_OPERATION', 'The task still works on the message before');
      return createRun({ taskId, contextId, message: { ...message, contextId }, task, configuration }, principal);
    });
  };

  return {
    async *send(params, { principal, signal }) {
      const run = await begin(params, principal);
      const events = run.read(signal);
      run.start();
      yield* events;
    },
    getTask: (id, { principal }) => taskStore.get(id, principal),
    async cancelTask(id, { principal }) {
      const found = await inTurn(id, async () => {
        const running = runs.get(id);
        const task = await taskStore.get(id, principal);
        if (!task) return undefined;
        if (running) return { running };
        if (isTerminal(task.status.state)) throw new A2AError('TASK_NOT_CANCELABLE', 'The task has ended');
        const canceled = canceledTask(task, deps);
        await taskStore.put(canceled, principal);
        return { canceled };
      });
      // Waiting for an executor to stop is no reason to hold up the task's turn.
      return found?.running ? found.running.cancel() : found?.canceled;
    },
    async close() {
      await Promise.all([...runs.values()].map((run) => run.stop()));
    },
  };
}

/** For a task that nothing works on: it waited for its client. */
function canceledTask(task: Task, deps: Pick<TaskRunDeps, 'clock' | 'random'>): Task {
  const frame = createEventFrame(deps, { taskId: task.id, contextId: task.contextId ?? '' });
  return progress(task, taskEvent({ status: { state: 'TASK_STATE_CANCELED' } }, frame));
}

/** A message may leave its context out, but not name another one than its task's. */
function contextOf(message: Message, contextId = ''): string {
  if (!message.contextId || message.contextId === contextId) return contextId;
  throw new A2AError('INVALID_PARAMS', "The message's contextId is not its task's");
}
