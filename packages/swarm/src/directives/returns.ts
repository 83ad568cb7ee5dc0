/**
 * Who was away and shows again is sent at once what could not reach it: by the end of its backoff, which grew with its absence,
 * a directive's time to live may be over. It is kept in memory alone; after a restart the backoff counts.
 */
import type { DirectiveId, NodeId, SwarmEvent } from '@skein/contracts';
import type { EventSource } from '@skein/contracts/runtime';
import type { OutboxRow } from './outbox-store.ts';

export interface ReturnsDeps {
  /** The node's own events: they say who shows again. */
  events: Pick<EventSource<SwarmEvent>, 'onAny'>;
  /** Makes these due at once. */
  hasten(ids: readonly DirectiveId[]): void;
}

export interface Returns {
  /** A row was put off because nobody was there to take it. */
  noteAway(row: Pick<OutboxRow, 'id' | 'targetNodeId'>): void;
  stop(): void;
}

/** Rows of one receiver that are sent together when it shows again. What else waits follows by its backoff. */
const MOST_HASTENED = 500;

export function watchReturns({ events, hasten }: ReturnsDeps): Returns {
  const away = new Map<NodeId, Set<DirectiveId>>();
  /** Seeds that left our last heartbeat without an answer. */
  const silent = new Set<NodeId>();

  function showsAgain(peer: NodeId): void {
    silent.delete(peer);
    const ids = away.get(peer);
    away.delete(peer);
    if (ids) hasten([...ids]);
  }

  function hear(event: SwarmEvent): void {
    if (event.type === 'node.admitted') showsAgain(event.nodeId);
    else if (event.type === 'node.liveness_changed' && event.to === 'online') showsAgain(event.nodeId);
    else if (event.type === 'heartbeat.failed') silent.add(event.nodeId);
    // One that has answered all along was never away, whatever became of what was sent to it.
    else if (event.type === 'heartbeat.answered' && silent.has(event.nodeId)) showsAgain(event.nodeId);
    else if (event.type === 'node.removed') {
      away.delete(event.nodeId);
      silent.delete(event.nodeId);
    }
  }

  return {
    noteAway({ id, targetNodeId }) {
      const ids = away.get(targetNodeId) ?? new Set();
      away.set(targetNodeId, ids);
      if (ids.size < MOST_HASTENED) ids.add(id);
    },
    stop: events.onAny(hear),
  };
}
