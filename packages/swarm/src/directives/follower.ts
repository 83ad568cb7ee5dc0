/** Follows directives that this node sent: the news as it comes, and the row itself where the news falls silent. */
import type { DirectiveId, DirectiveStatus, DirectiveUpdate, NodeId } from '@skein/contracts';
import { type Clock, deadlineSignal, linkedSignal } from '@skein/contracts/runtime';
import type { Subscription } from './directive-bus.ts';
import { type OutboxBus, toUpdate } from './outbox-news.ts';
import type { OutboxStore } from './outbox-store.ts';

export interface FollowerDeps {
  self: NodeId;
  outbox: Pick<OutboxStore, 'find'>;
  bus: OutboxBus;
  clock: Clock;
  /** Aborts when the node stops: whoever waits is told. */
  stopping: AbortSignal;
}

export interface Follower {
  /** Begins to listen; do so before the directive is stored, so that nothing is missed. */
  subscribe(id: DirectiveId): Subscription<DirectiveUpdate>;
  /** Changes of status once each, output as it comes, the result last. Rejects with the signal's reason. */
  updates(
    id: DirectiveId,
    news: Subscription<DirectiveUpdate>,
    signal?: AbortSignal,
  ): AsyncGenerator<DirectiveUpdate, void, void>;
  /** What the row amounts to now; undefined where there is none. */
  present(id: DirectiveId): Promise<DirectiveUpdate | undefined>;
}

/** How long the news alone is trusted before the row is looked at. */
const LOOK_EVERY_MS = 5_000;

export function createFollower({ self, outbox, bus, clock, stopping }: FollowerDeps): Follower {
  async function present(id: DirectiveId): Promise<DirectiveUpdate | undefined> {
    const row = await outbox.find(self, id);
    return row && toUpdate(row);
  }

  async function* updates(
    id: DirectiveId,
    news: Subscription<DirectiveUpdate>,
    signal?: AbortSignal,
  ): AsyncGenerator<DirectiveUpdate, void, void> {
    const until = linkedSignal(signal, stopping);
    let told: DirectiveStatus | undefined;
    try {
      for (;;) {
        const pause = deadlineSignal(clock, LOOK_EVERY_MS, () => new Error('time to look'), until.signal);
        const heard = await news.next(pause.signal);
        pause.clear();
        until.signal.throwIfAborted();
        const update = heard ?? (await present(id));
        if (!update || (update.type === 'status' && update.status === told)) continue;
        if (update.type === 'status') told = update.status;
        yield update;
        if (update.type === 'result') return;
      }
    } finally {
      until.clear();
    }
  }

  return { subscribe: (id) => bus.subscribe(id), updates, present };
}
