/** What the first node asks of the others, and how the answers stand in a table. */
import type { DirectiveResult, DispatchInput, NodeId } from '@skein/contracts';
import { formatDuration } from '../durations.ts';
import { formatTable } from '../output/table.ts';
import { printableLine, type Terminal } from '../output/terminal.ts';
import { coloredStatus, resultWords } from '../output/words.ts';
import { showAgentAtWork } from './agent-at-work.ts';
import type { DemoNode } from './swarm.ts';

export interface Answer {
  kind: DispatchInput['kind'];
  node: string;
  result: DirectiveResult;
  /** Lines that were shown as they came. */
  linesShown: number;
  /** An agent that never stood in the process tree. */
  unseen?: boolean;
  /** In place of what it said. */
  words?: string;
}

export interface Order {
  to: DemoNode;
  order: Pick<DispatchInput, 'kind' | 'payload'>;
  /** Whether its lines are shown as they come. */
  streamed?: boolean;
  /** Whether the process tree of who gives it is shown while it runs. */
  showsAgent?: boolean;
}

/** One after the other, so that what they say does not mix. */
export async function giveOrders(
  from: DemoNode,
  orders: readonly Order[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const order of orders) answers.push(await giveOrder(from, order, terminal, signal));
  return answers;
}

async function giveOrder(
  from: DemoNode,
  { to, order, streamed = false, showsAgent = false }: Order,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Answer> {
  const { kind } = order;
  const node = to.child.name;
  const lines = createLinePrinter(node, terminal);
  // The plan of the demonstration names kinds with their own payloads; the node checks it as it checks everybody.
  const input = { ...order, target: to.nodeId as NodeId } as DispatchInput;
  const over = new AbortController();
  const shown = showsAgent
    ? showAgentAtWork(from, (id) => (id === to.nodeId ? node : id), terminal, over.signal)
    : undefined;
  for await (const update of from.client.dispatch(input, { signal })) {
    if (update.type === 'output' && streamed) lines.add(update.text);
    if (update.type !== 'result') continue;
    lines.end();
    over.abort();
    const seen = await shown;
    return { kind, node, result: update.result, linesShown: lines.count(), ...(seen === false && { unseen: true }) };
  }
  throw new Error(`${from.child.name} ended its answer before the directive's end`);
}

/** Output comes in pieces; a line is shown when it is whole. */
function createLinePrinter(node: string, { out, color }: Terminal) {
  let rest = '';
  let count = 0;
  const print = (line: string) => {
    count += 1;
    out(`  ${color.dim(`${node} │`)} ${printableLine(line)}\n`);
  };
  return {
    count: () => count,
    add(text: string) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) print(line);
    },
    end() {
      if (rest !== '') print(rest);
      rest = '';
    },
  };
}

export function answersTable(answers: readonly Answer[], terminal: Terminal): string {
  const rows = answers.map((answer) => [
    answer.kind,
    answer.node,
    coloredStatus(answer.result.status, terminal.color),
    formatDuration(answer.result.metrics.durationMs),
    outputWords(answer),
  ]);
  return formatTable(['kind', 'node', 'status', 'duration', 'output'], rows, terminal, { indent: 2, right: [3] });
}

function outputWords({ kind, result, linesShown, unseen, words }: Answer): string {
  if (unseen) return 'the agent was never seen in the process tree';
  if (result.status !== 'completed') return resultWords(kind, result);
  return words ?? (linesShown > 0 ? `the ${linesShown} lines above` : resultWords(kind, result));
}

export const allCompleted = (answers: readonly Answer[]) =>
  answers.every(({ result, unseen }) => result.status === 'completed' && !unseen);
