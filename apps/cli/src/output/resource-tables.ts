/** A node's accounting on the screen: the machine, the work done since its start, and what runs or ran. */
import type { QueryResourcesOutput } from '@skein/contracts';
import { formatDuration } from '../durations.ts';
import { formatTable } from './table.ts';
import { oneLine, type Terminal } from './terminal.ts';
import { dollars, formatBytes } from './words.ts';

const PROCESSES_SHOWN = 12;

export function resourceTables({ metrics, processes }: QueryResourcesOutput, terminal: Terminal, indent = 0): string {
  const { color } = terminal;
  const margin = ' '.repeat(indent);
  const of = (used: number, total: number) => `${formatBytes(used)} of ${formatBytes(total)}`;
  const facts: [string, string][] = [
    ['cpu', `${Math.round(metrics.cpuPercent)} %`],
    ['memory', of(metrics.memoryUsedBytes, metrics.memoryTotalBytes)],
    ['disk', of(metrics.diskUsedBytes, metrics.diskTotalBytes)],
    ['up for', formatDuration(metrics.uptimeMs)],
    ['directives', `${metrics.runningDirectives} running, ${metrics.queuedDirectives} queued`],
    ['work used', `${formatDuration(metrics.cpuMs)} of cpu, at most ${formatBytes(metrics.peakMemoryBytes)} of memory`],
    [
      'agents used',
      `${metrics.tokensIn} tokens in, ${metrics.tokensOut} out, ${metrics.toolCalls} tool calls, ${dollars(metrics.costMicroUsd)}`,
    ],
  ];
  const lines = facts.map(([name, value]) => `${margin}${color.dim(name.padEnd(13))}${value}`);
  if (processes.length === 0) return lines.join('\n');
  const rows = processes
    .slice(0, PROCESSES_SHOWN)
    .map((entry) => [
      String(entry.pid),
      entry.state,
      formatDuration(entry.cpuMs),
      formatBytes(entry.peakMemoryBytes),
      oneLine(entry.label),
    ]);
  const table = formatTable(['pid', 'state', 'cpu', 'peak memory', 'program'], rows, terminal, {
    indent,
    right: [0, 2, 3],
  });
  const rest = processes.length - rows.length;
  return `${lines.join('\n')}\n\n${table}${rest > 0 ? `\n${margin}${color.dim(`… and ${rest} more`)}` : ''}`;
}
