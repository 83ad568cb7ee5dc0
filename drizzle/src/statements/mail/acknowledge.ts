import type { MailId, NodeId, Recipient } from '@skein/contracts';
import type { RawRow, Sql } from '../statement.ts';
import { recipientColumns } from './deliver.ts';

/** Notes that they were read. Asked twice, it answers the same and writes nothing. */
export function acknowledge(sql: Sql, nodeId: NodeId, recipient: Recipient, ids: readonly MailId[]) {
  const { kind, name } = recipientColumns(recipient);
  return sql<RawRow[]>`
    with held as (
      select id, acknowledged_at from mailbox
      where id = any(${[...ids]}::text[]) and node_id = ${nodeId} and recipient_kind = ${kind} and recipient = ${name}
    ), waiting as (
      select id from mailbox
      where id in (select id from held where acknowledged_at is null) and acknowledged_at is null
      order by id for update  -- in one order, so that two readers of the same mail do not wait for each other
    ), noted as (
      update mailbox m set acknowledged_at = skein_now() from waiting where m.id = waiting.id
    )
    select id from held`;
}
