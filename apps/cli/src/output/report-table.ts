/** The report on the screen: those whose work used anything, the busiest first; the idle ones in one line. */
import type { NodeUsage, ResourceReport, Usage } from '@skein/contracts';
import { formatDuration } from '../durations.ts';
import { formatTable } from './table.ts';
import { oneLine, type Terminal } from './terminal.ts';
import { cutName } from './text-width.ts';
import { coloredStatus, count, day, dollars, formatBytes, listed } from './words.ts';

const figures = (usage: Usage): string[] => [
  count(usage.tokensIn),
  count(usage.tokensOut),
  dollars(usage.costMicroUsd),
  count(usage.toolCalls),
  formatDuration(usage.cpuMs),
  formatBytes(usage.peakMemoryBytes),
];

/** A row of the report; `isRemoved` where the node was taken out of the swarm and worked within the day. */
type Reported = NodeUsage & { isRemoved: boolean };

const isIdle = ({ usage }: NodeUsage) => Object.values(usage).every((value) => value === 0);
/** A removed node is not asked: what it told last is all that will ever come. */
const isStarred = ({ answered, isRemoved }: Reported) => !answered && !isRemoved;

export function reportTable(report: ResourceReport, terminal: Terminal, indent = 0): string {
  const { color, width } = terminal;
  const nodes = report.nodes.map((node, index) => ({ ...node, isRemoved: index >= report.totalNodes }));
  const busy = nodes.filter((node) => !isIdle(node)).sort(byUse);
  // Those of whom something is to be said come first: the line names a few.
  const idle = nodes.filter(isIdle).sort((a, b) => Number(isStarred(b)) - Number(isStarred(a)));
  const rows = busy.map((node) => [nameOf(node, terminal), statusOf(node, color), ...figures(node.usage)]);
  const total = [color.bold('all'), `${report.onlineNodes} of ${report.totalNodes} online`, ...figures(report.totals)];
  const head = ['node', 'status', 'tokens in', 'out', 'cost', 'tool calls', 'cpu', 'peak memory'];
  const table = formatTable(head, [...rows, total], terminal, {
    ...{ indent, right: [2, 3, 4, 5, 6, 7], whole: [0], spare: [7, 5, 6, 3] }, // a name's star must not be cut off
  });
  const margin = ' '.repeat(indent);
  const prefix = 'no work on ';
  const notes = [
    ...(idle.length > 0 ? [prefix + listed(idle.map(idleWords(terminal)), width - indent - prefix.length)] : []),
    ...(nodes.some(isStarred) ? ['* did not answer: what it told last'] : []),
    `since ${day(report.since)}`,
  ];
  return [table, '', ...notes.map((note) => `${margin}${color.dim(note)}`)].join('\n');
}

const nameOf = (node: Reported, { color, width }: Terminal) =>
  cutName(oneLine(node.name), width) + (isStarred(node) ? color.yellow('*') : '');

const statusOf = ({ isRemoved, status }: Reported, color: Terminal['color']) =>
  isRemoved ? color.yellow('removed') : coloredStatus(status, color);

const idleWords =
  ({ width }: Terminal) =>
  (node: Reported) => {
    const status = node.isRemoved ? ' (removed)' : node.status === 'online' ? '' : ` (${node.status})`;
    return `${cutName(oneLine(node.name), width)}${isStarred(node) ? '*' : ''}${status}`;
  };

const byUse = (a: NodeUsage, b: NodeUsage) =>
  b.usage.costMicroUsd - a.usage.costMicroUsd || b.usage.cpuMs - a.usage.cpuMs || a.name.localeCompare(b.name);
