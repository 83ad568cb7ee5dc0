/** Sends one order to many nodes: a row and an id for each, stored together, and one stream of what becomes of them. */
import {
  type BroadcastDetail,
  BroadcastId,
  BroadcastRequest,
  type BroadcastSummary,
  type BroadcastUpdate,
  type DirectiveKind,
  type DirectiveView,
  isFinal,
  type NodeId,
  type Selector,
  type SkippedNode,
} from '@skein/contracts';
import { linkedSignal, type Random } from '@skein/contracts/runtime';
import { SwarmError } from '../errors.ts';
import type { NodeEntry, NodeStore } from '../membership/node-store.ts';
import { outboxView } from '../views.ts';
import type { BroadcastDesk, BroadcastOrder } from './broadcast-desk.ts';
import { firstIssue } from './directive-message.ts';
import type { Follower } from './follower.ts';
import { merged } from './merged.ts';
import { newDirective } from './order-intake.ts';
import type { NewDirective, OutboxRow, OutboxStore } from './outbox-store.ts';
import { matches } from './placement.ts';
import type { Sender } from './sender.ts';

export interface BroadcastDeps {
  self: NodeId;
  nodes: Pick<NodeStore, 'list'>;
  outbox: Pick<OutboxStore, 'listBroadcast'>;
  sender: () => Pick<Sender, 'submitMany' | 'cancel'>;
  follower: Follower;
  random: Pick<Random, 'uuid'>;
  /** Aborts when the node stops. */
  stopping: AbortSignal;
}

interface Prepared {
  broadcastId: BroadcastId;
  directives: NewDirective[];
  skipped: SkippedNode[];
}

export function createBroadcastDesk(deps: BroadcastDeps): BroadcastDesk {
  const { self, nodes, outbox, sender, follower, random, stopping } = deps;

  async function prepare(order: BroadcastOrder, to: Selector): Promise<Prepared> {
    stopping.throwIfAborted();
    const parsed = BroadcastRequest.safeParse({ ...order, to });
    if (!parsed.success) throw new SwarmError('INVALID_ARGUMENT', firstIssue(parsed.error), { cause: parsed.error });
    const asked = parsed.data;
    const broadcastId = BroadcastId.parse(random.uuid());
    const meant = (await nodes.list()).filter((node) => node.id !== self && matches(node, asked.to));
    const skipped: SkippedNode[] = [];
    const directives: NewDirective[] = [];
    for (const node of meant) {
      const reason = whyNot(node, asked.kind);
      if (reason) skipped.push({ nodeId: node.id, name: node.record.name, reason });
      else directives.push(newDirective(deps, asked, { targetNodeId: node.id, broadcastId }));
    }
    return { broadcastId, directives, skipped };
  }

  async function* broadcastStream(
    order: BroadcastOrder,
    to: Selector = {},
    { signal }: { signal?: AbortSignal } = {},
  ): AsyncGenerator<BroadcastUpdate, void, void> {
    const { broadcastId, directives, skipped } = await prepare(order, to);
    const news = directives.map(({ id }) => follower.subscribe(id));
    const leaving = new AbortController(); // ends the waits of those streams that a reader leaves behind
    const until = linkedSignal(signal, leaving.signal);
    try {
      await sender().submitMany(directives);
      const sent = directives.map(({ id, targetNodeId }) => ({ directiveId: id, nodeId: targetNodeId }));
      yield { type: 'sent', broadcastId, directives: sent, skipped };
      const streams = news.map((each, index) => told(follower, directives[index], each, until.signal));
      yield* merged(streams);
      yield { type: 'ended', summary: summarize(broadcastId, await viewsOf(broadcastId), skipped) };
    } catch (reason) {
      if (signal?.aborted) await Promise.all(directives.map(({ id }) => sender().cancel(id)));
      throw reason;
    } finally {
      leaving.abort(new Error('nobody follows the broadcast any more'));
      until.clear();
      for (const each of news) each.close();
    }
  }

  const viewsOf = async (id: BroadcastId) => (await outbox.listBroadcast(self, id)).map(outboxView);

  const detail = (id: BroadcastId, rows: readonly OutboxRow[], skipped: SkippedNode[]): BroadcastDetail => {
    const directives = rows.map(outboxView);
    return { summary: summarize(id, directives, skipped), directives };
  };

  return {
    broadcastStream,
    async broadcast(order, to = {}, options = {}) {
      for await (const update of broadcastStream(order, to, options)) {
        if (update.type !== 'ended') continue;
        return { summary: update.summary, directives: await viewsOf(update.summary.broadcastId) };
      }
      throw new Error('a broadcast’s updates end with its sum');
    },
    async submitBroadcast(order, to = {}) {
      const { broadcastId, directives, skipped } = await prepare(order, to);
      return detail(broadcastId, await sender().submitMany(directives), skipped);
    },
    async getBroadcast(id) {
      const rows = await outbox.listBroadcast(self, id);
      return rows.length === 0 ? undefined : detail(id, rows, []);
    },
  };
}

async function* told(
  follower: Follower,
  directive: NewDirective | undefined,
  news: ReturnType<Follower['subscribe']>,
  signal: AbortSignal,
): AsyncGenerator<BroadcastUpdate, void, void> {
  if (!directive) return;
  for await (const update of follower.updates(directive.id, news, signal))
    yield { type: 'update', nodeId: directive.targetNodeId, update };
}

/** Who could not take it now is left out and named: a broadcast is over when everybody asked has answered. */
function whyNot({ liveness, eligibility, record }: NodeEntry, kind: DirectiveKind): SkippedNode['reason'] | undefined {
  if (eligibility === 'sealed') return 'sealed';
  if (eligibility !== 'eligible') return 'draining';
  if (liveness === 'offline' || liveness === 'unverified') return liveness;
  return record.kinds.includes(kind) ? undefined : 'kind_not_supported';
}

function summarize(
  broadcastId: BroadcastId,
  directives: readonly DirectiveView[],
  skipped: SkippedNode[],
): BroadcastSummary {
  const completed = directives.filter(({ status }) => status === 'completed').length;
  const open = directives.filter(({ status }) => !isFinal(status)).length;
  const total = directives.length;
  return { broadcastId, total, completed, failed: total - completed - open, open, skipped };
}
