import type { DirectiveId, NodeId } from '@skein/contracts';
import type { RawRow, Sql } from '../statement.ts';

/** Notes that the sender has the results. Asked twice, it answers the same and writes nothing. */
export function acknowledge(sql: Sql, sourceNodeId: NodeId, ids: readonly DirectiveId[]) {
  return sql<RawRow[]>`
    with noted as (
      update swarm_directive_inbox set acknowledged = true
      where source_node_id = ${sourceNodeId} and id = any(${[...ids]}::text[]) and ended_at is not null
        and not acknowledged
    )
    select id from swarm_directive_inbox
    where source_node_id = ${sourceNodeId} and id = any(${[...ids]}::text[]) and ended_at is not null`;
}
