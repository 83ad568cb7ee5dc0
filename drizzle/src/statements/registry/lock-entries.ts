import type { NodeId } from '@skein/contracts';
import type { RawRow, Sql } from '../statement.ts';

/** Entries to be decided on, held against beats and claims until the decision is written. Claims that hold one are waited for. */
export function lockEntries(sql: Sql, ids: readonly NodeId[]) {
  return sql<RawRow[]>`select * from nodes where id = any(${[...ids]}::text[]) order by id for update`;
}
