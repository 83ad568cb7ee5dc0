/** The nodes of the swarm as a table. What no node has takes no room in it. */
import type { NodeView } from '@skein/contracts';
import { formatTable } from './table.ts';
import { oneLine, type Terminal } from './terminal.ts';
import { cutName } from './text-width.ts';
import { ago, coloredStatus, shortId } from './words.ts';

interface Column {
  title: string;
  cell: (node: NodeView) => string;
  /** Whether the column is worth its room; absent where it always is. */
  isTold?: (node: NodeView) => boolean;
}

/** Where there is no room for all; `nodes NAME` tells them in any case. */
const SPARE = ['capabilities', 'id', 'tier', 'group'];
const CUT = ['group', 'tier', 'capabilities'];

/** A wide one has every column whole, whatever the terminal's width. */
export function nodesTable(nodes: readonly NodeView[], terminal: Terminal, nowMs: number, isWide: boolean): string {
  const { color, width } = terminal;
  const columns = columnsFor({ color, width: isWide ? Number.POSITIVE_INFINITY : width }, nowMs).filter(
    ({ isTold }) => isWide || !isTold || nodes.some(isTold),
  );
  const titles = columns.map(({ title }) => title);
  const cells = nodes.map((node) => columns.map(({ cell }) => cell(node)));
  const whole = titles.flatMap((title, index) => (CUT.includes(title) ? [] : [index]));
  const spare = SPARE.map((title) => titles.indexOf(title)).filter((index) => index >= 0);
  return formatTable(titles, cells, { color, width: isWide ? Number.POSITIVE_INFINITY : width }, { whole, spare });
}

const columnsFor = ({ color, width }: Pick<Terminal, 'color' | 'width'>, nowMs: number): Column[] => [
  {
    title: 'node',
    cell: ({ name, isSelf }) => cutName(oneLine(name), width) + (isSelf ? color.dim(' (this)') : ''),
  },
  { title: 'status', cell: ({ status }) => coloredStatus(status, color) },
  { title: 'group', cell: ({ group }) => oneLine(group ?? '–'), isTold: ({ group }) => group !== null },
  { title: 'tier', cell: ({ tier }) => tier, isTold: ({ tier }) => tier !== 'unprivileged' },
  {
    title: 'capabilities',
    cell: ({ capabilities }) => oneLine(capabilities.join(', ')) || '–',
    isTold: ({ capabilities }) => capabilities.length > 0,
  },
  { title: 'address', cell: ({ addresses }) => cutName(oneLine(addresses[0] ?? '–'), width) },
  {
    title: 'last beat',
    cell: ({ lastHeartbeatAt }) => (lastHeartbeatAt === null ? '–' : ago(lastHeartbeatAt, nowMs)),
  },
  { title: 'id', cell: ({ id }) => shortId(id) },
];
