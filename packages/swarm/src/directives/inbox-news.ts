/** What the receiving side tells its own listeners of a directive, by the row's key. */
import type { SwarmEvent } from '@skein/contracts';
import type { Emitter } from '@skein/contracts/runtime';
import { createDirectiveBus, type DirectiveBus } from './directive-bus.ts';
import { inboxStatus } from './inbox-lifecycle.ts';
import type { InboxKey, InboxRow } from './inbox-store.ts';

export type InboxNews = { type: 'row'; row: InboxRow } | { type: 'output'; stream: 'stdout' | 'stderr'; text: string };

/** A row's key as one text. */
export const inboxKey = ({ sourceNodeId, id }: InboxKey): string => `${sourceNodeId}/${id}`;

export type InboxBus = DirectiveBus<InboxNews>;

/** Output may be dropped where nobody reads it fast enough; states never are. */
export function createInboxBus(events: Pick<Emitter<SwarmEvent>, 'emit'>): InboxBus {
  const bus = createDirectiveBus<InboxNews>({ droppable: (news) => news.type === 'output' });
  return {
    ...bus,
    publish(key, news) {
      bus.publish(key, news);
      if (news.type !== 'row') return;
      const { id, order, sourceNodeId, state, result } = news.row;
      events.emit({
        type: 'directive.status_changed',
        ...{ directiveId: id, side: 'inbox', kind: order?.kind ?? null, peer: sourceNodeId },
        status: inboxStatus(state),
        reason: result?.error?.reason ?? null,
      });
    },
  };
}
