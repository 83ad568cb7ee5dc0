import type { AgentId } from '@skein/contracts';
import type { RawRow, Sql } from '../statement.ts';

/** What a rule decides on: the row, and the moment by the database's clock. It locks nothing: the write compares the version. */
export function readAgent(sql: Sql, id: AgentId) {
  return sql<RawRow[]>`
    select a.*, floor(extract(epoch from skein_now()) * 1000)::double precision as now
    from swarm_agents a where a.id = ${id}`;
}
