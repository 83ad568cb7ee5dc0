/**
 * Directives of CortexPrism instances as rows of this node's inbox, each under the id that stands for its peer: as
 * durable, fenced and accounted as those of nodes, and known again by their messageId.
 */
import { A2AError, type CortexOutcome, type CortexPeerHandler, type CortexTask } from '@skein/a2a-transport';
import type { NodeId, Order } from '@skein/contracts';
import type { StreamResponse } from '@skein/contracts/a2a';
import type { AgentRuntimes } from '../agents/agent-runtime.ts';
import { toMessage } from '../directives/directive-message.ts';
import { readNews } from '../directives/directive-task.ts';
import type { InboxRow, InboxStore } from '../directives/inbox-store.ts';
import { usualEffect } from '../directives/order-intake.ts';
import type { Receiver } from '../directives/receiver.ts';
import { orForNow } from '../wire-errors.ts';
import { type CortexPeerEntry, type CortexPeers, directiveIdOf } from './cortex-peers.ts';
import { fromCortexDirective } from './incoming-order.ts';
import { toCortexOutcome } from './incoming-result.ts';

export interface CortexDoorDeps {
  self: NodeId;
  peers: CortexPeers;
  receiver: Pick<Receiver, 'receive' | 'cancelTask'>;
  inbox: Pick<InboxStore, 'findByRowId' | 'list'>;
  runtimes: () => AgentRuntimes;
}

/** No time to live travels in the dialect. It is longer than a peer waits, so that what it gives up on can still end. */
const TTL_MS = 10 * 60_000;
/** The newest rows that are looked through for a peer's own. */
const LISTED = 200;

export function createCortexDoor({ self, peers, receiver, inbox, runtimes }: CortexDoorDeps): CortexPeerHandler {
  function requirePeer(name: string): CortexPeerEntry {
    const peer = peers.byName(name);
    if (!peer) throw new A2AError('INTERNAL_ERROR', 'this peer is not configured any more');
    return peer;
  }

  async function owned(peer: CortexPeerEntry, taskId: string): Promise<InboxRow | undefined> {
    const row = await inbox.findByRowId(taskId);
    return row && row.sourceNodeId === peer.nodeId && row.targetNodeId === self ? row : undefined;
  }

  const getTask = (name: string, taskId: string) =>
    orForNow(async () => {
      const row = await owned(requirePeer(name), taskId);
      return row && toCortexTask(row);
    });

  return {
    getTask,
    async execute(name, directive, signal) {
      const peer = requirePeer(name);
      const order = fromCortexDirective(directive, { peer, agentTypes: Object.keys(runtimes()) });
      const params = toMessage({
        ...{ id: directiveIdOf(directive.messageId), order, effect: usualEffect[order.kind] },
        ...{ priority: directive.priority, remainingMs: TTL_MS, attempts: 1, parentDirectiveId: null },
      });
      const events = receiver.receive(peer.nodeId, params, signal)[Symbol.asyncIterator]();
      const first = await orForNow(() => events.next());
      if (first.done || !('task' in first.value)) throw new Error('a directive’s first event is its task');
      return { taskId: first.value.task.id, ended: endOf(order, first.value, events, signal) };
    },
    async cancelTask(name, taskId) {
      const row = await orForNow(() => owned(requirePeer(name), taskId));
      if (!row) return undefined;
      if (!row.result) await orForNow(() => receiver.cancelTask(row.sourceNodeId, taskId));
      return getTask(name, taskId);
    },
    listTasks: (name) =>
      orForNow(async () => {
        const { nodeId } = requirePeer(name);
        const rows = await inbox.list(self, { limit: LISTED });
        return rows.filter(({ sourceNodeId }) => sourceNodeId === nodeId).map(toCortexTask);
      }),
  };
}

const toCortexTask = ({ rowId, order, result }: InboxRow): CortexTask =>
  result ? { id: rowId, outcome: toCortexOutcome(order, result) } : { id: rowId };

/** Reads on until the result. A row that came before has it in its first event. */
async function endOf(
  order: Order,
  first: StreamResponse,
  events: AsyncIterator<StreamResponse>,
  signal: AbortSignal,
): Promise<CortexOutcome> {
  try {
    for (let event: StreamResponse | undefined = first; event; ) {
      for (const news of readNews(event)) if (news.type === 'result') return toCortexOutcome(order, news.result);
      const next: IteratorResult<StreamResponse> = await events.next();
      event = next.done ? undefined : next.value;
    }
    signal.throwIfAborted();
    throw new Error('a directive’s events ended before its result');
  } finally {
    await events.return?.();
  }
}
