import type { NodeId } from '@skein/contracts';
import { KEEP_ACKNOWLEDGED_MAIL_MS, KEEP_MAIL_MS } from '@skein/swarm';
import { PURGE_PAGE } from '../purge-page.ts';
import type { Sql } from '../statement.ts';

/** What was read long ago, or never. Nothing is acknowledged before it arrived: the index of arrivals finds the old ones. */
export function purgeMail(sql: Sql, nodeId: NodeId) {
  return sql<{ count: number }[]>`
    with old as (
      select ctid from mailbox
      where node_id = ${nodeId}
        and received_at <= skein_now() - ${KEEP_ACKNOWLEDGED_MAIL_MS}::double precision * interval '1 ms'
        and (acknowledged_at <= skein_now() - ${KEEP_ACKNOWLEDGED_MAIL_MS}::double precision * interval '1 ms'
          or received_at <= skein_now() - ${KEEP_MAIL_MS}::double precision * interval '1 ms')
      limit ${PURGE_PAGE}
    ), gone as (
      delete from mailbox where ctid = any (array(select ctid from old))
      returning id
    )
    select count(*)::int as count from gone`;
}
