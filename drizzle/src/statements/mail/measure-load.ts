import type { NodeId, Recipient } from '@skein/contracts';
import type { Sql } from '../statement.ts';
import { recipientColumns } from './deliver.ts';

/** What waits in one mailbox and on the whole node: from the index of what waits alone, in its order. */
export function measureLoad(sql: Sql, nodeId: NodeId, recipient: Recipient) {
  const { kind, name } = recipientColumns(recipient);
  return sql<{ messages: number; bytes: number; nodeMessages: number; nodeBytes: number; mailboxes: number }[]>`
    with boxes as (
      select recipient_kind, recipient, count(*) as messages, sum(bytes) as bytes from mailbox
      where node_id = ${nodeId} and acknowledged_at is null
      group by recipient_kind, recipient
    ), own as (
      select messages, bytes from boxes where recipient_kind = ${kind} and recipient = ${name}
    )
    select coalesce((select messages from own), 0)::int as messages,
      coalesce((select bytes from own), 0)::double precision as bytes, coalesce(sum(b.messages), 0)::int as "nodeMessages",
      coalesce(sum(b.bytes), 0)::double precision as "nodeBytes", count(*)::int as mailboxes
    from boxes b`;
}
