/** One directive on the screen: what was ordered, the way it went, what came of it. */
import {
  type DirectiveDetail,
  type DirectiveResult,
  type DirectiveView,
  type Placement,
  ProgramOutput,
  QueryResourcesOutput,
} from '@skein/contracts';
import { formatDuration } from '../durations.ts';
import { resourceTables } from './resource-tables.ts';
import { formatTable } from './table.ts';
import { oneLine, printable, type Terminal } from './terminal.ts';
import { coloredStatus, formatBytes, hour, orderWords } from './words.ts';

export function directiveDetail(
  { directive, events }: DirectiveDetail,
  nameOf: (id: string) => string,
  terminal: Terminal,
): string {
  const { color } = terminal;
  const sections = [`${color.bold(directive.id)}\n${facts(directive, nameOf, terminal)}`];
  if (events.length > 0) {
    const rows = events.map(({ at, side, from, to, reason }) => [
      hour(at, true),
      side,
      `${from === null ? '' : `${from} → `}${to}`,
      reason === null ? '' : oneLine(reason),
    ]);
    sections.push(
      `${color.bold('Way')}\n${formatTable(['at', 'side', 'state', 'reason'], rows, terminal, { indent: 2 })}`,
    );
  }
  if (directive.result) sections.push(...resultSections(directive.kind, directive.result, terminal));
  return `${sections.join('\n\n')}\n`;
}

function facts(directive: DirectiveView, nameOf: (id: string) => string, { color }: Terminal): string {
  const { result } = directive;
  const took = result?.started ? ` in ${formatDuration(result.metrics.durationMs)}` : '';
  const attempts = `${directive.attempts} ${directive.side === 'outbox' ? 'send' : 'start'}${directive.attempts === 1 ? '' : 's'}`;
  const rows: [string, string][] = [
    ['order', directive.kind === 'execute_task' ? `execute_task  ${orderWords(directive)}` : orderWords(directive)],
    ['route', `${nameOf(directive.sourceNodeId)} → ${nameOf(directive.targetNodeId)}`],
    ...(directive.placement ? [['placed', placementWords(directive.placement)] as [string, string]] : []),
    ...(directive.broadcastId ? [['part of', `broadcast ${directive.broadcastId}`] as [string, string]] : []),
    ['status', `${coloredStatus(directive.status, color)}${took}`],
    [
      'terms',
      `${directive.priority} priority, ${directive.effect}, ttl ${formatDuration(directive.ttlMs)}, ${attempts}`,
    ],
  ];
  return rows.map(([name, value]) => `  ${color.dim(name.padEnd(8))}${value}`).join('\n');
}

/** `by {"group":"gpu"}: the best of 3 fit nodes of 4, 1 of 4 running, 0 queued, 12 ms away` */
function placementWords({ selector, matching, eligible, running, capacity, queued, latencyMs, moves }: Placement) {
  const away = latencyMs === null ? '' : `, ${formatDuration(latencyMs)} away`;
  const moved = moves === 0 ? '' : `, after ${moves} that refused`;
  const load = `${running} of ${capacity} running, ${queued} queued${away}`;
  return oneLine(`by ${JSON.stringify(selector)}: the best of ${eligible} fit nodes of ${matching}, ${load}${moved}`);
}

function resultSections(kind: DirectiveView['kind'], result: DirectiveResult, terminal: Terminal): string[] {
  const { color } = terminal;
  const { error, output, metrics } = result;
  const sections: string[] = [];
  if (error) sections.push(`${color.bold('Error')}\n  ${color.red(error.reason)}  ${oneLine(error.message)}`);
  const program = ProgramOutput.safeParse(output);
  const resources = kind === 'query_resources' ? QueryResourcesOutput.safeParse(output) : undefined;
  if (program.success) sections.push(...programSections(program.data, color));
  else if (resources?.success) sections.push(resourceTables(resources.data, terminal, 2));
  else if (output !== undefined) sections.push(`${color.bold('Output')}\n${indented(JSON.stringify(output, null, 2))}`);
  if (metrics.peakMemoryBytes > 0)
    sections.push(
      `${color.bold('Used')}\n  ${formatDuration(metrics.cpuMs)} of cpu, at most ${formatBytes(metrics.peakMemoryBytes)} of memory`,
    );
  return sections;
}

function programSections(
  { stdout, stderr, exitCode, signal, truncated }: ProgramOutput,
  color: Terminal['color'],
): string[] {
  const end = exitCode === null ? `ended by ${signal ?? 'a signal'}` : `exit code ${exitCode}`;
  const streams = [
    { name: 'Output', text: stdout },
    { name: 'Error output', text: stderr },
  ].filter(({ text }) => text !== '');
  const sections = streams.map(({ name, text }) => `${color.bold(name)}\n${indented(printable(text))}`);
  return [...sections, `${color.bold('End')}\n  ${end}${truncated ? ', output cut' : ''}`];
}

const indented = (text: string) =>
  text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
