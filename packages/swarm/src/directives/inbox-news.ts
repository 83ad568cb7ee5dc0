/** What the receiving side tells its own listeners of a directive, by the row's key. */
import { createDirectiveBus, type DirectiveBus } from './directive-bus.ts';
import type { InboxKey, InboxRow } from './inbox-store.ts';

export type InboxNews = { type: 'row'; row: InboxRow } | { type: 'output'; stream: 'stdout' | 'stderr'; text: string };

/** A row's key as one text. */
export const inboxKey = ({ sourceNodeId, id }: InboxKey): string => `${sourceNodeId}/${id}`;

export type InboxBus = DirectiveBus<InboxNews>;

/** Output may be dropped where nobody reads it fast enough; states never are. */
export function createInboxBus(): InboxBus {
  return createDirectiveBus<InboxNews>({ droppable: (news) => news.type === 'output' });
}
