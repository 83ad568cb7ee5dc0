/** Rows without borders. The last column gives way where a line would not fit. */
import Table from 'cli-table3';
import type { Terminal } from './terminal.ts';

const GAP = 2;
const MIN_LAST = 12;

const bare = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '' },
};

interface TableOptions {
  /** Columns in front of each line. @default 0 */
  indent?: number;
  /** Columns whose cells stand at the right, as numbers do. */
  right?: readonly number[];
}

/** Cells may be coloured; they are cut to fit, never wrapped. */
export function formatTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { width, color }: Pick<Terminal, 'width' | 'color'>,
  { indent = 0, right = [] }: TableOptions = {},
): string {
  const widths = head.map(
    (title, column) => Math.max(...[title, ...rows.map((row) => row[column] ?? '')].map(displayWidth)) + GAP,
  );
  const last = widths.length - 1;
  const before = widths.slice(0, last).reduce((sum, columns) => sum + columns, indent);
  // Its gap may hang over the edge: it is cut off below.
  const room = Math.max(MIN_LAST, width - before) + GAP;
  widths[last] = Math.min(widths[last] ?? 0, room);
  const table = new Table({
    chars: bare,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP },
    colWidths: widths,
    colAligns: head.map((_, column) => (right.includes(column) ? 'right' : 'left')),
  });
  table.push(
    head.map((title) => color.dim(title)),
    ...rows.map((row) => [...row]),
  );
  const margin = ' '.repeat(indent);
  return table
    .toString()
    .split('\n')
    .map((line) => `${margin}${line}`.trimEnd())
    .join('\n');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with a control character
const COLOR = /\u001b\[[0-9;]*m/g;
// What terminals draw two columns wide: East Asian scripts and pictures.
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

/** Columns that a terminal gives this text. */
export function displayWidth(text: string): number {
  return [...text.replaceAll(COLOR, '')].reduce(
    (sum, char) => sum + (WIDE.test(char) ? 2 : /\p{Mn}/u.test(char) ? 0 : 1),
    0,
  );
}
