import { isTerminal, type Message, type SendMessageParams, type Task } from '@skein/contracts/a2a';
import { createTurnEnd, LinkedMap } from '@skein/contracts/runtime';
import { A2AError, taskNotFound } from '../errors.ts';
import type { PushNotifications } from '../push/push-notifications.ts';
import { readEventId, writeEventId } from '../tasks/event-id.ts';
import type { TaskJournal } from '../tasks/task-journal.ts';
import { ownerOf } from '../tasks/task-owner.ts';
import {
  type OwnedTask,
  type StoredTask,
  type TaskOwner,
  type TaskStore,
  TaskStoreError,
} from '../tasks/task-store.ts';
import { createEventFrame, createTimestamps, failure, type TaskEvent, taskEvent } from './agent-events.ts';
import type { ExecutionRequest } from './agent-executor.ts';
import { executionRequest } from './execution-request.ts';
import type { MessageHandler } from './message-handler.ts';
import type { CallContext } from './principal.ts';
import { type Opening, TaskFollowing } from './task-following.ts';
import { progress } from './task-progress.ts';
import { TaskRun, type TaskRunDeps, type TaskRunOptions } from './task-run.ts';
import { createTurns } from './turns.ts';

export interface AgentMessagesDeps extends Omit<TaskRunDeps, 'journal' | 'timestamp' | 'atTurnEnd'> {
  taskStore: TaskStore;
  journal: TaskJournal;
  /** Absent where the agent sends none. */
  push: PushNotifications | undefined;
}

export interface AgentMessages extends MessageHandler {
  /** Ends what an earlier life left running: nobody works on it any more. */
  recover(): Promise<void>;
  /** Aborts executors and waits for them. */
  close(): Promise<void>;
}

/** Tasks that a recovery ends at once. */
const RECOVERED_AT_ONCE = 100;

/** The agent as a message handler: which message starts which execution, and who may touch which task. */
export function createAgentMessages(given: AgentMessagesDeps): AgentMessages {
  const deps = { ...given, timestamp: createTimestamps(given.clock), atTurnEnd: createTurnEnd() };
  const { taskStore, journal, random, push } = deps;
  const runs = new LinkedMap<TaskRun>();
  const inTurn = createTurns();

  let closed = false;

  function createRun(request: ExecutionRequest, options: Omit<TaskRunOptions, 'onEnd' | 'onOpen'>, asked: CallContext) {
    if (closed) throw new A2AError('INTERNAL_ERROR', 'The server is closing');
    const { taskId, configuration } = request;
    const config = configuration.taskPushNotificationConfig;
    const { protocolVersion } = asked;
    const { owner, context, after, until } = options;
    const run: TaskRun = new TaskRun(deps, request, {
      owner,
      context,
      after,
      until,
      onOpen:
        push && config
          ? async (id) => {
              // In v0.3 a configuration is found by its task alone where its maker gave it no id.
              const named = protocolVersion === '0.3' && !config.id ? { ...config, id } : config;
              await push.create(owner, id, named, { after, protocolVersion });
            }
          : undefined,
      onEnd: () => {
        if (runs.get(taskId) === run) runs.delete(taskId);
      },
    });
    runs.set(taskId, run);
    return run.start();
  }

  function begin(
    params: SendMessageParams,
    context: CallContext,
    until: 'open' | 'settled',
  ): TaskRun | Promise<TaskRun> {
    const { message } = params;
    const { principal, tenant, extensions } = context;
    const owner = ownerOf(principal, tenant);
    const known = { principal, extensions };
    if (message.taskId) return continueTask(message.taskId);
    const place = { taskId: random.uuid(), contextId: message.contextId || random.uuid() };
    const request = executionRequest(params, place, tenant);
    return createRun(request, { owner, context: known, until, after: 0 }, context);

    function continueTask(taskId: string): Promise<TaskRun> {
      return inTurn(taskId, async () => {
        const before = await requireTask(owner, taskId);
        const contextId = contextOf(message, before.task.contextId);
        const running = runs.get(taskId);
        if (running?.waitsForClient) await running.yieldTask();
        else if (running) throw busy(taskId);
        const { task, seq } = await requireTask(owner, taskId); // as the execution before has left it
        if (isTerminal(task.status.state)) throw ended(taskId, 'it takes no further messages');
        const request = executionRequest(params, { taskId, contextId, task }, tenant);
        return createRun(request, { owner, context: known, until, after: seq }, context);
      });
    }
  }

  async function requireTask(owner: TaskOwner, taskId: string): Promise<StoredTask> {
    const found = await taskStore.find(owner, taskId);
    if (!found) throw taskNotFound(taskId);
    return found;
  }

  /** One more step of a task that nothing works on. */
  async function step(owner: TaskOwner, { task, seq }: StoredTask, event: TaskEvent): Promise<Task> {
    const frame = createEventFrame(deps, { taskId: task.id, contextId: task.contextId ?? '' });
    const told = taskEvent(event, frame);
    const next = progress(task, told);
    await journal.commit({ owner, task: next, after: seq, events: [told], running: false });
    return next;
  }

  /** Whether it was ended here: one that moves meanwhile is somebody else's, and no reason not to start. */
  async function endOrphan(orphan: OwnedTask): Promise<boolean> {
    try {
      await step(orphan.owner, orphan, failure('The process of the agent ended before the task did'));
      return true;
    } catch (cause) {
      if (!(cause instanceof TaskStoreError)) throw cause;
      deps.logger.warn('an interrupted task was moved by somebody else', { taskId: orphan.task.id });
      return false;
    }
  }

  /** A new execution, from its first event on. */
  async function openRun(params: SendMessageParams, context: CallContext): Promise<Opening> {
    const begun = begin(params, context, 'open');
    const run = begun instanceof TaskRun ? begun : await begun;
    // Who had to wait for the task's turn may come after its first step, and finds that in the store.
    const present = run === begun;
    const reading = journal.enter(ownerOf(context.principal, context.tenant), run.taskId);
    try {
      const answer = await run.answer;
      if ('message' in answer) {
        reading.leave();
        return { first: [{ event: answer, id: writeEventId({ taskId: answer.message.messageId, seq: 1 }) }] };
      }
      // The answer came with a task, so there is an opening.
      const { task, seq } = run.opening ?? { task: answer.task, seq: 1 };
      const opening = { event: { task }, id: writeEventId({ taskId: task.id, seq }) };
      return { first: [opening, ...reading.begin({ after: seq, present })], reading };
    } catch (cause) {
      reading.leave();
      throw cause;
    }
  }

  /** The task as it stands, or where the caller has its last event's id only what follows that: then first of all nothing, at once. */
  async function findOpening(id: string, context: CallContext): Promise<(() => Opening) | undefined> {
    const { principal, tenant, lastEventId } = context;
    const owner = ownerOf(principal, tenant);
    const stored = await taskStore.find(owner, id);
    if (!stored) return undefined;
    const { task, seq } = stored;
    const place = lastEventId ? readEventId(lastEventId) : undefined;
    if (place && place.taskId !== id) throw new A2AError('INVALID_PARAMS', 'Last-Event-ID is of another task');
    const last = place?.seq ?? seq;
    if (isTerminal(task.status.state) && last >= seq) throw ended(id, 'nothing follows; GetTask has all of it');
    // A place beyond the log is of a log that was lost: what stands is told anew.
    const told = place !== undefined && last <= seq;
    return () => {
      const reading = journal.enter(owner, id);
      const ready = reading.begin({ after: told ? last : seq, present: false });
      const opening = { event: { task }, id: writeEventId({ taskId: id, seq }) };
      return { first: told ? ready : [opening, ...ready], reading };
    };
  }

  /** Who sends another message with a Last-Event-ID would lose it: it is neither the stream's nor taken. */
  async function assertSaidBefore({ messageId }: Message, taskId: string, { principal, tenant }: CallContext) {
    const { history = [] } = (await requireTask(ownerOf(principal, tenant), taskId)).task;
    if (history.some((each) => each.messageId === messageId)) return;
    throw new A2AError('INVALID_PARAMS', 'Last-Event-ID is of a stream that another message began: leave it out', {
      metadata: { taskId },
    });
  }

  return {
    send(params, context) {
      const until = params.configuration?.returnImmediately ? 'open' : 'settled';
      const run = begin(params, context, until);
      return run instanceof TaskRun ? run.answer : run.then(({ answer }) => answer);
    },
    stream(params, context) {
      const { lastEventId } = context;
      if (!lastEventId) return new TaskFollowing(() => openRun(params, context), context);
      return new TaskFollowing(async () => {
        // Who sends the same request again with the last event's id wants to read on, not to have the work done twice.
        const { taskId } = readEventId(lastEventId);
        const open = await findOpening(taskId, context);
        if (!open) throw taskNotFound(taskId);
        await assertSaidBefore(params.message, taskId, context);
        return open();
      }, context);
    },
    async getTask(id, { principal, tenant }) {
      return (await taskStore.find(ownerOf(principal, tenant), id))?.task;
    },
    async cancelTask(id, { principal, tenant }) {
      const owner = ownerOf(principal, tenant);
      for (;;) {
        const found = await inTurn(id, async () => {
          const stored = await taskStore.find(owner, id);
          if (!stored) return undefined;
          const running = runs.get(id);
          if (running) return { running };
          if (isTerminal(stored.task.status.state)) throw notCancelable(id);
          return { canceled: await step(owner, stored, { status: { state: 'TASK_STATE_CANCELED' } }) };
        });
        if (!found?.running) return found?.canceled;
        // Waiting for an executor to stop is no reason to hold up the task's turn.
        const task = await found.running.cancel();
        if (task?.status.state === 'TASK_STATE_CANCELED') return task;
        if (!task || isTerminal(task.status.state)) throw notCancelable(id);
        // The execution ended by itself with its client's turn: what waits is cancelled as it stands.
      }
    },
    async subscribe(id, context) {
      const open = await findOpening(id, context);
      return open && new TaskFollowing(open, context);
    },
    listTasks: (query, { principal, tenant }) => taskStore.list(ownerOf(principal, tenant), query),
    async recover() {
      for (;;) {
        const orphans = await taskStore.running(RECOVERED_AT_ONCE);
        const ends = await Promise.all(orphans.map(endOrphan));
        // What was left alone comes again: a page of nothing else is the last.
        if (!ends.includes(true)) return;
      }
    },
    async close() {
      closed = true;
      await Promise.all(runs.values().map((run) => run.stop()));
    },
  };
}

function ended(taskId: string, why: string): A2AError {
  return new A2AError('UNSUPPORTED_OPERATION', `The task has ended: ${why}`, { metadata: { taskId } });
}

function busy(taskId: string): A2AError {
  const why = 'The task still works on the message before';
  return new A2AError('UNSUPPORTED_OPERATION', why, { metadata: { taskId } });
}

function notCancelable(taskId: string): A2AError {
  return new A2AError('TASK_NOT_CANCELABLE', 'The task has ended', { metadata: { taskId } });
}

/** A message may leave its context out, but not name another one than its task's. */
function contextOf(message: Message, contextId = ''): string {
  if (!message.contextId || message.contextId === contextId) return contextId;
  throw new A2AError('INVALID_PARAMS', "The message's contextId is not its task's");
}
