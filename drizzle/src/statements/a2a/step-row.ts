import type { TaskState } from '@skein/contracts/a2a';
import type { Fragment, Sql } from '../statement.ts';

/** A step of a task as columns: words as `toColumn` writes them, JSON as text. */
export interface StepRow {
  readonly id: string;
  readonly owner: string;
  readonly contextId: string | null;
  readonly state: TaskState;
  readonly statusAt: string;
  readonly after: number;
  readonly seq: number;
  readonly running: boolean;
  readonly ended: boolean;
  readonly task: string;
  readonly events: string;
}

/** None of the values holds one of them, and neither does JSON, which escapes them: no value has to be quoted. */
const SEPARATOR = '\x1e';
const NONE = '\x1f';

/**
 * Steps as a table. Each column travels as one text that the server cuts up: quoting the elements of an array would cost
 * more than storing them. Of an only element that is empty nothing is left, hence the `coalesce`.
 */
export function stepRows(sql: Sql, rows: readonly StepRow[]): Fragment {
  const texts = (columnOf: (row: StepRow) => string | null) =>
    sql`string_to_array(${rows.map((row) => columnOf(row) ?? NONE).join(SEPARATOR)}, ${SEPARATOR}, ${NONE})`;
  const flags = rows.map(({ running, ended }) => (running ? 1 : 0) + (ended ? 2 : 0));
  return sql`
    select id, coalesce(owner, '') as owner, context_id, state, coalesce(status_at, '') as status_at, after, seq,
      flags & 1 = 1 as running, flags & 2 = 2 as ended, task, events
    from unnest(
      ${texts(({ id }) => id)}, ${texts(({ owner }) => owner)}, ${texts(({ contextId }) => contextId)},
      ${texts(({ state }) => state)}, ${texts(({ statusAt }) => statusAt)}, ${rows.map(({ after }) => after)}::bigint[],
      ${rows.map(({ seq }) => seq)}::bigint[], ${flags}::int[], ${texts(({ task }) => task)},
      ${texts(({ events }) => events)}
    ) as step (id, owner, context_id, state, status_at, after, seq, flags, task, events)`;
}
