/** Rows without borders, no wider than the terminal: cells are cut, and columns that can be done without left out. */
import Table from 'cli-table3';
import type { Terminal } from './terminal.ts';
import { displayWidth } from './text-width.ts';

const GAP = 2;
/** Below these a cell says nothing any more. */
const MIN_CELL = 8;
const MIN_LAST = 12;
/** What is longer gives way first, after the last column. */
const COMFORTABLE = 24;

const bare = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '' },
};

interface TableOptions {
  /** Columns in front of each line. @default 0 */
  indent?: number;
  /** Columns whose cells stand at the right, as numbers do. They are never cut. */
  right?: readonly number[];
  /** Other columns that are never cut. */
  whole?: readonly number[];
  /** Columns that are left out where there is no room for all, the first one first. */
  spare?: readonly number[];
}

/** Cells may be coloured; they are cut to fit, never wrapped. */
export function formatTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { width, color }: Pick<Terminal, 'width' | 'color'>,
  { indent = 0, right = [], whole = [], spare = [] }: TableOptions = {},
): string {
  const columns: Column[] = head.map((title, index) => {
    const widest = Math.max(...[title, ...rows.map((row) => row[index] ?? '')].map(displayWidth));
    const least =
      right.includes(index) || whole.includes(index) ? widest : index === head.length - 1 ? MIN_LAST : MIN_CELL;
    return { index, width: widest, least: Math.min(widest, least) };
  });
  const shown = fitted(columns, width - indent, spare);
  const table = new Table({
    chars: bare,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP },
    // The gap of the last column may hang over the edge: it is cut off below.
    colWidths: shown.map((column) => column.width + GAP),
    colAligns: shown.map(({ index }) => (right.includes(index) ? 'right' : 'left')),
  });
  table.push(
    shown.map(({ index }) => color.dim(head[index] ?? '')),
    ...rows.map((row) => shown.map(({ index }) => row[index] ?? '')),
  );
  const margin = ' '.repeat(indent);
  return table
    .toString()
    .split('\n')
    .map((line) => `${margin}${line}`.trimEnd())
    .join('\n');
}

interface Column {
  index: number;
  width: number;
  /** It is never cut below this. */
  least: number;
}

function fitted(columns: readonly Column[], room: number, spare: readonly number[]): Column[] {
  const leftOut = new Set<number>();
  const shown = () => columns.filter(({ index }) => !leftOut.has(index));
  const least = () => sum(shown().map((column) => column.least));
  for (const index of spare) if (least() > room) leftOut.add(index);
  return narrowed(shown(), room);
}

/** The last column gives way first, then what is uncomfortably wide, then the widest ones, all down to their least. */
function narrowed(columns: readonly Column[], room: number): Column[] {
  const result = columns.map((column) => ({ ...column }));
  let excess = sum(result.map(({ width }) => width)) - room;
  const narrow = (column: Column | undefined, to: number) => {
    if (!column || excess <= 0) return;
    const width = Math.max(column.least, to, column.width - excess);
    excess -= Math.max(0, column.width - width);
    column.width = Math.min(column.width, width);
  };
  narrow(result.at(-1), 0);
  const byWidth = () => [...result].sort((a, b) => b.width - a.width);
  for (const column of byWidth()) narrow(column, COMFORTABLE);
  while (excess > 0) {
    const widest = byWidth().find(({ width, least }) => width > least);
    if (!widest) return result;
    narrow(widest, widest.width - 1);
  }
  return result;
}

/** With the gaps between the columns. */
const sum = (widths: readonly number[]) =>
  widths.reduce((all, width) => all + width, 0) + GAP * Math.max(0, widths.length - 1);
