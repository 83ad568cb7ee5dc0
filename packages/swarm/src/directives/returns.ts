/**
 * Who was away and shows again is sent what waits for it at once: by the end of its backoff, which grew with its absence,
 * a directive's time to live may be over.
 */
import type { NodeId, SwarmEvent } from '@skein/contracts';
import type { EventSource } from '@skein/contracts/runtime';
import type { OutboxStore } from './outbox-store.ts';

export interface ReturnsDeps {
  self: NodeId;
  outbox: Pick<OutboxStore, 'hasten'>;
  events: Pick<EventSource<SwarmEvent>, 'onAny'>;
  /** Makes the sender look at its book. */
  wake: () => void;
  onError: (cause: unknown) => void;
}

export interface Returns {
  /** A send did not reach this peer, or its answer was never heard. */
  noteAway(peer: NodeId): void;
  stop(): void;
}

export function watchReturns({ self, outbox, events, wake, onError }: ReturnsDeps): Returns {
  const away = new Set<NodeId>();

  async function hasten(peer: NodeId): Promise<void> {
    if (!away.delete(peer)) return;
    try {
      if ((await outbox.hasten(self, peer)) > 0) wake();
    } catch (cause) {
      away.add(peer); // its next sign of life is as good
      onError(cause);
    }
  }

  const stop = events.onAny((event) => {
    const isSign =
      event.type === 'node.admitted' ||
      event.type === 'heartbeat.answered' ||
      (event.type === 'node.liveness_changed' && event.to === 'online');
    if (isSign) void hasten(event.nodeId);
  });
  return { noteAway: (peer) => void away.add(peer), stop };
}
