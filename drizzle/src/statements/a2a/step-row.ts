import type { TaskState } from '@skein/contracts/a2a';

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

/** How a row's value travels in each column. */
const columns: readonly ((row: StepRow) => string | number)[] = [
  ({ id }) => id,
  ({ owner }) => owner,
  ({ contextId }) => contextId ?? NONE,
  ({ state }) => state,
  ({ statusAt }) => statusAt,
  ({ after }) => after,
  ({ seq }) => seq,
  ({ running, ended }) => (running ? 1 : 0) + (ended ? 2 : 0),
  ({ task }) => task,
  ({ events }) => events,
];

/**
 * Steps as a table, out of the parameters $2 and following. Each column travels as one text that the server cuts up: quoting the
 * elements of an array would cost more than storing them. Of an only element that is empty nothing is left, hence the
 * `coalesce`.
 */
export const stepTable = `
  select id, coalesce(owner, '') as owner, context_id, state, coalesce(status_at, '') as status_at, after, seq,
    flags & 1 = 1 as running, flags & 2 = 2 as ended, task, events
  from unnest(
    ${columnTexts(2, 5)}, ${columnTexts(7, 2, '::bigint[]')}, ${columnTexts(9, 1, '::int[]')}, ${columnTexts(10, 2)}
  ) as step (id, owner, context_id, state, status_at, after, seq, flags, task, events)`;

function columnTexts(first: number, count: number, type = ''): string {
  const texts = Array.from({ length: count }, (_, at) => `string_to_array($${first + at}, chr(30), chr(31))${type}`);
  return texts.join(', ');
}

/** The parameters from $2 on. */
export function stepParameters(rows: readonly StepRow[]): string[] {
  return columns.map((column) => rows.map(column).join(SEPARATOR));
}
