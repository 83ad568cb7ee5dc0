/** Rows as users see them: through REST, at the command line and in the library. */
import { type DirectiveView, type NodeId, type NodeView, nodeStatus } from '@skein/contracts';
import { inboxStatus } from './directives/inbox-lifecycle.ts';
import type { InboxRow } from './directives/inbox-store.ts';
import { outboxStatus } from './directives/outbox-lifecycle.ts';
import type { OutboxRow } from './directives/outbox-store.ts';
import type { NodeEntry } from './membership/node-store.ts';

const iso = (ms: number): string => new Date(ms).toISOString();
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

export function toNodeView(entry: NodeEntry, self: NodeId): NodeView {
  const { id, record, tier, liveness, eligibility, group } = entry;
  const { name, addresses, kinds, capabilities, labels, capacity, incarnation } = record;
  return {
    ...{ id, name, isSelf: id === self, status: nodeStatus(liveness, eligibility), liveness, eligibility },
    ...{ addresses, group, tier, kinds, capabilities, labels, capacity, incarnation },
    joinedAt: iso(entry.joinedAt),
    lastHeartbeatAt: isoOrNull(entry.lastBeatAt),
    metrics: entry.metrics,
  };
}

export function outboxView(row: OutboxRow): DirectiveView {
  const { id, sourceNodeId, targetNodeId, state, priority, effect, ttlMs, parentDirectiveId, result } = row;
  return {
    ...{ id, side: 'outbox', kind: row.order.kind, sourceNodeId, targetNodeId, state, priority, effect, ttlMs },
    ...{ parentDirectiveId, result, payload: row.order.payload as DirectiveView['payload'] }, // parsed JSON at the door
    ...{ broadcastId: row.broadcastId, placement: row.placement },
    status: outboxStatus(row.state, row.heard),
    attempts: row.attempts,
    createdAt: iso(row.createdAt),
    deadlineAt: iso(row.deadlineAt),
    endedAt: isoOrNull(row.endedAt),
  };
}

export function inboxView(row: InboxRow): DirectiveView {
  const { id, sourceNodeId, targetNodeId, state, priority, effect, parentDirectiveId, result } = row;
  return {
    ...{ id, side: 'inbox', kind: row.order?.kind ?? null, sourceNodeId, targetNodeId, state, priority, effect },
    ...{ parentDirectiveId, result, payload: (row.order?.payload ?? null) as DirectiveView['payload'] }, // parsed JSON
    ...{ broadcastId: null, placement: null }, // the sender's alone
    ttlMs: row.deadlineAt - row.receivedAt,
    status: inboxStatus(row.state),
    attempts: row.starts,
    createdAt: iso(row.receivedAt),
    deadlineAt: iso(row.deadlineAt),
    endedAt: isoOrNull(row.endedAt),
  };
}
