/**
 * The receiving end on the wire: takes directives in, tells of them, and ends them when their sender asks. Everything
 * it answers was committed before.
 */
import { A2AError, type TaskPage, type TaskQuery } from '@skein/a2a-transport';
import {
  type CancelCause,
  type DatabaseId,
  type DirectiveId,
  type DirectiveReport,
  type Eligibility,
  isFinal,
  type NodeId,
  type Order,
} from '@skein/contracts';
import type { SendMessageParams, StreamResponse, Task } from '@skein/contracts/a2a';
import { type Clock, deadlineSignal, type Random } from '@skein/contracts/runtime';
import type { AgentRuntimes } from '../agents/agent-runtime.ts';
import { refuseAgent } from '../agents/runtime-lookup.ts';
import { type PolicyOptions, type RegisteredTools, refusalOf } from '../security/policy.ts';
import type { Subscription } from './directive-bus.ts';
import { listDirectiveTasks } from './directive-list.ts';
import { fromMessage } from './directive-message.ts';
import { toEvents, toOutputEvent, toTask } from './directive-task.ts';
import type { DirectiveHandlers } from './handlers/handler.ts';
import { type InboxBus, type InboxNews, inboxKey } from './inbox-news.ts';
import type { InboxKey, InboxRow, InboxStore } from './inbox-store.ts';
import { payloadHash } from './payload-hash.ts';
import { refusalWhileOut } from './refusal-while-out.ts';
import type { Worker } from './worker.ts';

export interface ReceiverDeps {
  self: NodeId;
  databaseId: DatabaseId;
  inbox: InboxStore;
  handlers: DirectiveHandlers;
  policy: PolicyOptions;
  /** @default none: every tool is refused */
  tools?: RegisteredTools;
  /** The types of agents that this node spawns itself. @default none, and a program's own handler decides */
  runtimes?: () => AgentRuntimes;
  bus: InboxBus;
  worker: () => Pick<Worker, 'wake' | 'kill'>;
  /** Whether this node may be given work. @default it may */
  eligibility?: () => Eligibility;
  clock: Clock;
  random: Random;
}

export interface Receiver {
  /** Takes a directive in and tells what becomes of it: its task first, its end last. Errors: A2AError INVALID_PARAMS. */
  receive(source: NodeId, params: SendMessageParams, signal: AbortSignal): AsyncIterable<StreamResponse>;
  report(
    source: NodeId,
    ids: readonly DirectiveId[],
  ): Promise<{ directives: DirectiveReport[]; missing: DirectiveId[] }>;
  acknowledge(source: NodeId, ids: readonly DirectiveId[]): Promise<DirectiveId[]>;
  /** Ends a directive, or sees to it that one which never came cannot start. */
  cancel(source: NodeId, id: DirectiveId, cause: CancelCause): Promise<DirectiveReport>;
  /** The directive's A2A task, by the task's id; undefined for what is not this source's. */
  getTask(source: NodeId, taskId: string): Promise<Task | undefined>;
  /** This source's directives as tasks, the latest status first. Errors: A2AError INVALID_PARAMS. */
  listTasks(source: NodeId, query: TaskQuery): Promise<TaskPage>;
  cancelTask(source: NodeId, taskId: string): Promise<Task | undefined>;
  /** The directive's task as it stands and what follows. Errors: A2AError UNSUPPORTED_OPERATION where nothing can. */
  subscribe(source: NodeId, taskId: string, signal: AbortSignal): Promise<AsyncIterable<StreamResponse> | undefined>;
}

/** How long a stream trusts the news alone before it looks at the row. */
const LOOK_EVERY_MS = 5_000;
const MAX_REPLY_CHARACTERS = 2 * 1_048_576;

export function createReceiver(deps: ReceiverDeps): Receiver {
  const { self, databaseId, inbox, bus, worker, clock, random } = deps;

  async function* receive(
    source: NodeId,
    params: SendMessageParams,
    signal: AbortSignal,
  ): AsyncIterable<StreamResponse> {
    const { id, order, metadata } = fromMessage(params.message);
    // What is known already is answered all the same: its sender asks again for what became of it.
    const refused = refusalWhileOut(deps.eligibility?.() ?? 'eligible');
    if (refused && !(await inbox.find({ sourceNodeId: source, id }))) throw refused;
    const parentDirectiveId = metadata.parentDirectiveId ?? null;
    // Listening begins before the row can move, so that nothing is missed.
    using news = bus.subscribe(inboxKey({ sourceNodeId: source, id }));
    const admission = await inbox.admit({
      sourceNodeId: source,
      id,
      rowId: random.uuid(),
      targetNodeId: self,
      order,
      payloadHash: payloadHash({ order, effect: metadata.effect, parentDirectiveId }),
      priority: metadata.priority,
      effect: metadata.effect,
      remainingMs: metadata.remainingMs,
      parentDirectiveId,
      refusal: refusal(order) ?? null,
    });
    if (admission.status === 'conflict')
      throw new A2AError('INVALID_PARAMS', 'this directive id was used before with another payload', {
        metadata: { reason: 'directive_conflict', directiveId: id },
      });
    if (admission.status === 'received') worker().wake();
    yield* tell(admission.row, news, signal);
  }

  function refusal(order: Order) {
    if (!deps.handlers[order.kind])
      return {
        reason: 'kind_not_supported',
        message: `this node does not carry out ${order.kind}`,
        metadata: { kind: order.kind },
      };
    const runtimes = deps.runtimes?.() ?? {};
    const unknownAgent = Object.keys(runtimes).length > 0 ? refuseAgent(order, runtimes) : undefined;
    return unknownAgent ?? refusalOf(order, deps.policy, deps.tools);
  }

  /** The row's task, then its news until it is final. */
  async function* tell(
    admitted: InboxRow,
    news: Subscription<InboxNews>,
    signal: AbortSignal,
  ): AsyncIterable<StreamResponse> {
    let row = admitted;
    yield { task: toTask(row, databaseId) };
    while (!isFinal(row.state) && !signal.aborted) {
      const pause = deadlineSignal(clock, LOOK_EVERY_MS, () => new Error('time to look'), signal);
      const item = await news.next(pause.signal);
      pause.clear();
      if (item?.type === 'output') {
        yield toOutputEvent(row, item.stream, item.text);
        continue;
      }
      const next = item?.row ?? (await inbox.find(row));
      if (!next || next.state === row.state) continue;
      row = next;
      yield* toEvents(row);
    }
  }

  async function* follow(found: InboxRow, signal: AbortSignal): AsyncIterable<StreamResponse> {
    using news = bus.subscribe(inboxKey(found));
    // Looked at again, since it may have moved before anybody listened.
    yield* tell((await inbox.find(found)) ?? found, news, signal);
  }

  async function cancel(key: InboxKey, cause: CancelCause): Promise<InboxRow> {
    // Held work must be killed by its worker first. It may end by itself or begin meanwhile, so look again.
    for (let round = 0; ; round += 1) {
      const { status, row } = await inbox.cancel(key, { targetNodeId: self, rowId: random.uuid(), cause });
      if (status === 'ended') bus.publish(inboxKey(row), { type: 'row', row });
      if (status !== 'held' || round === 3) return row;
      await worker().kill(row, cause);
    }
  }

  const owned = async (source: NodeId, taskId: string) => {
    if (taskId.includes('\0')) return undefined; // no id of ours, and none that every store could look for
    const row = await inbox.findByRowId(taskId);
    return row && row.sourceNodeId === source && row.targetNodeId === self ? row : undefined;
  };

  return {
    receive,
    async report(source, ids) {
      const rows = await inbox.findMany(source, ids);
      const known = new Set(rows.map(({ id }) => id));
      return { directives: withinOneReply(rows.map(toReport)), missing: ids.filter((id) => !known.has(id)) };
    },
    acknowledge: (source, ids) => inbox.acknowledge(source, ids),
    cancel: async (source, id, cause) => toReport(await cancel({ sourceNodeId: source, id }, cause)),
    async getTask(source, taskId) {
      const row = await owned(source, taskId);
      return row && toTask(row, databaseId);
    },
    listTasks: (source, query) => listDirectiveTasks({ self, databaseId, inbox }, source, query),
    async subscribe(source, taskId, signal) {
      const row = await owned(source, taskId);
      if (!row) return undefined;
      if (isFinal(row.state)) throw new A2AError('UNSUPPORTED_OPERATION', `the task is ${row.state}: nothing follows`);
      return follow(row, signal);
    },
    async cancelTask(source, taskId) {
      const row = await owned(source, taskId);
      if (!row) return undefined;
      if (isFinal(row.state)) throw new A2AError('TASK_NOT_CANCELABLE', `the task is ${row.state} already`);
      return toTask(await cancel(row, 'caller'), databaseId);
    },
  };
}

function toReport(row: InboxRow): DirectiveReport {
  return { id: row.id, state: row.state, ...(row.result && { result: row.result }) };
}

/** What fits into one reply, and never nothing: the sender asks again for the rest. */
function withinOneReply(reports: readonly DirectiveReport[]): DirectiveReport[] {
  let characters = 0;
  return reports.filter((report, index) => {
    characters += JSON.stringify(report).length;
    return index === 0 || characters <= MAX_REPLY_CHARACTERS;
  });
}
