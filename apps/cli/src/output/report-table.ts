/** The report on the screen: those whose work used anything, the busiest first; the idle ones in one line. */
import type { NodeUsage, ResourceReport, Usage } from '@skein/contracts';
import { formatDuration } from '../durations.ts';
import { formatTable } from './table.ts';
import { oneLine, type Terminal } from './terminal.ts';
import { coloredStatus, count, day, dollars, formatBytes } from './words.ts';

const figures = (usage: Usage): string[] => [
  count(usage.tokensIn),
  count(usage.tokensOut),
  dollars(usage.costMicroUsd),
  count(usage.toolCalls),
  formatDuration(usage.cpuMs),
  formatBytes(usage.peakMemoryBytes),
];

const isIdle = ({ usage }: NodeUsage) => Object.values(usage).every((value) => value === 0);

export function reportTable(report: ResourceReport, terminal: Terminal, indent = 0): string {
  const { color } = terminal;
  const busy = report.nodes.filter((node) => !isIdle(node)).sort(byUse);
  const idle = report.nodes.filter(isIdle);
  const rows = busy.map((node) => [nameOf(node, color), coloredStatus(node.status, color), ...figures(node.usage)]);
  const total = [color.bold('all'), `${report.onlineNodes} of ${report.totalNodes} online`, ...figures(report.totals)];
  const head = ['node', 'status', 'tokens in', 'out', 'cost', 'tool calls', 'cpu', 'peak memory'];
  const table = formatTable(head, [...rows, total], terminal, { indent, right: [2, 3, 4, 5, 6, 7] });
  const margin = ' '.repeat(indent);
  const notes = [
    ...(idle.length > 0 ? [`no work on ${listed(idle)}`] : []),
    ...(report.nodes.some(({ answered }) => !answered) ? ['* did not answer: what it told last'] : []),
    `since ${day(report.since)}`,
  ];
  return [table, '', ...notes.map((note) => `${margin}${color.dim(note)}`)].join('\n');
}

const nameOf = ({ name, answered }: NodeUsage, { yellow }: Terminal['color']) =>
  oneLine(name) + (answered ? '' : yellow('*'));

const byUse = (a: NodeUsage, b: NodeUsage) =>
  b.usage.costMicroUsd - a.usage.costMicroUsd || b.usage.cpuMs - a.usage.cpuMs || a.name.localeCompare(b.name);

const NAMES_LISTED = 6;

/** `node-1, node-2 and 34 more` */
export function listed(nodes: readonly { name: string }[]): string {
  const names = nodes.map(({ name }) => oneLine(name));
  if (names.length <= NAMES_LISTED) return names.join(', ');
  return `${names.slice(0, NAMES_LISTED).join(', ')} and ${names.length - NAMES_LISTED} more`;
}
