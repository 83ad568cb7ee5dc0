import { mailBytes, type NewMail } from '@skein/swarm';
import { lockKey } from '../../owner-lock.ts';
import { jsonText, type RawRow, type Sql } from '../statement.ts';

/**
 * Delivers once: the key of the mailbox decides who came first. The numbers are handed out behind a lock that is held until
 * the commit, so that a reader who goes on after one number never passes a lower one that is still to come. No row at all
 * comes back where the same mail was delivered while this waited: then it is there to be found.
 */
export function deliver(sql: Sql, { nodeId, recipient, ...mail }: NewMail) {
  const { kind, name } = recipientColumns(recipient);
  return sql<RawRow[]>`
    with delivered as (
      insert into mailbox (
        id, node_id, recipient_kind, recipient, context_id, key, message, provenance, bytes, received_at, acknowledged_at
      )
      select ${mail.id}, ${nodeId}, ${kind}, ${name}, ${mail.contextId}, ${mail.key}, ${jsonText(mail.message)}::json,
        ${jsonText(mail.provenance)}::json, ${mailBytes(mail.message)}::bigint, skein_now(), null
      from pg_advisory_xact_lock(${lockKey(`mail of ${nodeId}`)}::bigint)
      on conflict (node_id, recipient_kind, recipient, key) do nothing
      returning *
    )
    select true as fresh, delivered.* from delivered
    union all
    select false, m.* from mailbox m
    where m.node_id = ${nodeId} and m.recipient_kind = ${kind} and m.recipient = ${name} and m.key = ${mail.key}
      and not exists (select from delivered)`;
}

/** A mailbox in two columns. */
export function recipientColumns(recipient: NewMail['recipient']): { kind: 'agent' | 'session'; name: string } {
  return 'agent' in recipient ? { kind: 'agent', name: recipient.agent } : { kind: 'session', name: recipient.session };
}
