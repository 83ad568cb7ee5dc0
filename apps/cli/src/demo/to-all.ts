/** One order for all the others at once, as a row of the table. */
import { BroadcastUpdate, type DirectiveResult } from '@skein/contracts';
import type { Terminal } from '../output/terminal.ts';
import type { Answer } from './orders.ts';
import type { DemoNode } from './swarm.ts';

export async function giveToAll(from: DemoNode, { color }: Terminal, signal: AbortSignal): Promise<Answer> {
  const body = { kind: 'query_resources', payload: {} };
  const results: DirectiveResult[] = [];
  for await (const update of from.client.stream(BroadcastUpdate, {
    method: 'POST',
    path: '/broadcast',
    body,
    signal,
  })) {
    if (update.type === 'update' && update.update.type === 'result') results.push(update.update.result);
    if (update.type !== 'ended') continue;
    const { completed, total } = update.summary;
    const [worst] = results.toSorted((a, b) => Number(a.status === 'completed') - Number(b.status === 'completed'));
    if (!worst) break;
    const durationMs = Math.max(...results.map(({ metrics }) => metrics.durationMs));
    return {
      kind: 'query_resources',
      node: color.dim('all others'),
      result: { ...worst, metrics: { ...worst.metrics, durationMs } },
      linesShown: 0,
      words: `a broadcast: ${completed} of ${total} completed`,
    };
  }
  throw new Error(`${from.child.name} ended its answer before the broadcast's end`);
}
