/** A broadcast on the screen: a line for each answer, and the sum with those that were left out. */
import type { BroadcastSummary, DirectiveKind, DirectiveResult, NodeView } from '@skein/contracts';
import { formatDuration } from '../durations.ts';
import { nodeNamer } from '../node-names.ts';
import { oneLine, type Terminal } from './terminal.ts';
import { cutName, cutTo, displayWidth } from './text-width.ts';
import { coloredStatus, listed, resultWords, shortId } from './words.ts';

const LONGEST_STATUS = 11;

export function broadcastPrinter(kind: DirectiveKind, nodes: readonly NodeView[], terminal: Terminal) {
  const nameOf = nodeNamer(nodes);
  const name = (id: string) => cutName(nameOf(id), terminal.width);
  const width = Math.max(0, ...nodes.map(({ id }) => displayWidth(name(id))));
  return (nodeId: string, directiveId: string, result: DirectiveResult): void => {
    const { status, metrics } = result;
    const cells = [
      name(nodeId).padEnd(width),
      shortId(directiveId),
      coloredStatus(status, terminal.color) + ' '.repeat(Math.max(0, LONGEST_STATUS - status.length)),
      formatDuration(metrics.durationMs).padStart(8),
      resultWords(kind, result),
    ];
    // Why it failed is told whole; of what completed `show` tells the rest.
    const room = status === 'completed' ? terminal.width : Number.POSITIVE_INFINITY;
    terminal.out(`${cutTo(cells.join('  '), room).trimEnd()}\n`);
  };
}

/** `2 of 3 completed, 1 not, 1 left out: node-9 offline` */
export function summaryWords({ completed, total, failed, open, skipped }: BroadcastSummary, { color }: Terminal) {
  const parts = [color.dim(`${completed} of ${total} completed`)];
  if (failed > 0) parts.push(color.red(`${failed} not`));
  if (open > 0) parts.push(color.yellow(`${open} not ended`));
  if (skipped.length > 0) {
    const who = listed(skipped.map(({ name, reason }) => `${oneLine(name)} ${reason.replaceAll('_', ' ')}`));
    parts.push(color.yellow(`${skipped.length} left out: ${who}`));
  }
  return parts.join(', ');
}
