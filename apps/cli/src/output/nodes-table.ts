/** The nodes of the swarm as a table. What no node has takes no room in it. */
import type { NodeView } from '@skein/contracts';
import { formatTable } from './table.ts';
import { oneLine, type Terminal } from './terminal.ts';
import { ago, coloredStatus, shortId } from './words.ts';

interface Column {
  title: string;
  cell: (node: NodeView) => string;
  /** Whether the column is worth its room; absent where it always is. */
  isTold?: (node: NodeView) => boolean;
  isWhole?: boolean;
  isSpare?: boolean;
}

export function nodesTable(nodes: readonly NodeView[], terminal: Terminal, nowMs: number, isWide: boolean): string {
  const columns = columnsFor(terminal, nowMs).filter(({ isTold }) => isWide || !isTold || nodes.some(isTold));
  const numbersOf = (holds: (column: Column) => boolean | undefined) =>
    columns.flatMap((column, index) => (holds(column) ? [index] : []));
  return formatTable(
    columns.map(({ title }) => title),
    nodes.map((node) => columns.map(({ cell }) => cell(node))),
    terminal,
    // Of those that can be done without the last one goes first.
    { whole: numbersOf(({ isWhole }) => isWhole), spare: numbersOf(({ isSpare }) => isSpare).reverse() },
  );
}

const columnsFor = ({ color }: Terminal, nowMs: number): Column[] => [
  { title: 'node', cell: ({ name, isSelf }) => oneLine(name) + (isSelf ? color.dim(' (this)') : '') },
  { title: 'status', cell: ({ status }) => coloredStatus(status, color), isWhole: true },
  { title: 'group', cell: ({ group }) => oneLine(group ?? '–'), isTold: ({ group }) => group !== null, isSpare: true },
  { title: 'tier', cell: ({ tier }) => tier, isTold: ({ tier }) => tier !== 'unprivileged', isSpare: true },
  {
    title: 'capabilities',
    cell: ({ capabilities }) => oneLine(capabilities.join(', ')) || '–',
    isTold: ({ capabilities }) => capabilities.length > 0,
    isSpare: true,
  },
  { title: 'address', cell: ({ addresses }) => oneLine(addresses[0] ?? '–') },
  {
    title: 'last beat',
    cell: ({ lastHeartbeatAt }) => (lastHeartbeatAt === null ? '–' : ago(lastHeartbeatAt, nowMs)),
    isWhole: true,
  },
  { title: 'id', cell: ({ id }) => shortId(id), isWhole: true },
];
