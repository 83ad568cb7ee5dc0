/** `skein demo`, which `npm start` runs: three nodes on this machine, work that crosses between them, and then yours. */
import { ResourceReport } from '@skein/contracts';
import { type Command, InvalidArgumentError } from 'commander';
import type { CliContext, Run } from '../context.ts';
import { formatDuration } from '../durations.ts';
import { exitCodes } from '../exit-codes.ts';
import { reportTable } from '../output/report-table.ts';
import { endWords, type NodeChild } from './node-child.ts';
import { allCompleted, answersTable, giveOrders } from './orders.ts';
import { dutiesOf, howToGoOn, layOut, ordersFor } from './plan.ts';
import { startStep } from './progress.ts';
import { bringUpSwarm } from './swarm.ts';
import { giveToAll } from './to-all.ts';

interface DemoOptions {
  exit?: boolean;
  dataDir: string;
  port: number;
}

function portArgument(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_533)
    throw new InvalidArgumentError('Write a number from 0 to 65533.');
  return port;
}

export function addDemo(program: Command, context: CliContext, run: Run): void {
  program
    .command('demo')
    .description('a swarm of three nodes on this machine, until Ctrl-C')
    .option('--exit', 'end after the table; exit code 0 only when everything in it completed')
    .option('--data-dir <folder>', 'holds node-1, node-2 and node-3', '.skein')
    .option('--port <port>', "the first node's; the others take the next ones, 0 means any", portArgument, 4_220)
    .option('--no-color', 'no colours')
    .action((options: DemoOptions) => run(() => demo(options, context)));
}

/** What was started ends with us, however we end. */
async function demo(options: DemoOptions, context: CliContext): Promise<number> {
  const { terminal, signals } = context;
  const children: NodeChild[] = [];
  const stopping = new AbortController();
  const release = signals.listen((signal, count) => {
    if (count === 1) return stopping.abort();
    for (const child of children) child.kill();
    signals.endAtOnce(signal);
  });
  const onChild = (child: NodeChild) => {
    children.push(child);
    reportLoss(child, context, stopping.signal);
  };
  let isUp = false;
  const life = async () => {
    const completed = await present(options, context, onChild, stopping.signal);
    if (options.exit) return completed ? exitCodes.ok : exitCodes.failed;
    isUp = true;
    await Promise.all(children.map(({ ended }) => ended));
    return exitCodes.failed; // all died by themselves, and were told one by one
  };
  try {
    const asked = new Promise<'asked'>((resolve) => stopping.signal.addEventListener('abort', () => resolve('asked')));
    const end = await Promise.race([life(), asked]);
    if (end !== 'asked') return end;
    if (terminal.isTty) terminal.out('\r\u001b[K');
    return isUp ? exitCodes.ok : exitCodes.interrupted;
  } finally {
    stopping.abort();
    await stopAll(children, context);
    release();
  }
}

async function present(
  options: DemoOptions,
  context: CliContext,
  onChild: (child: NodeChild) => void,
  stopping: AbortSignal,
): Promise<boolean> {
  const { terminal, env, now } = context;
  const { color } = terminal;
  const folder = layOut(options.dataDir, context.cwd);
  terminal.out(`\n  ${color.bold('Skein')}  ${color.dim('a swarm of three nodes on this machine')}\n\n`);
  const plan = { folder, port: options.port, duties: dutiesOf() };
  const nodes = await bringUpSwarm(plan, { terminal, env, now, onChild, stopping });

  terminal.out(`\n  ${color.bold('Work')}  ${color.dim('given by node-1')}\n\n`);
  const [first] = nodes;
  if (!first) return false;
  const answers = await giveOrders(first, ordersFor(nodes), terminal, stopping);
  answers.push(await giveToAll(first, terminal, stopping));
  terminal.out(`\n${answersTable(answers, terminal)}\n`);
  const report = await first.client.read(ResourceReport, { method: 'GET', path: '/report' });
  terminal.out(`\n  ${color.bold('Report')}  ${color.dim('what the work of the last day used')}\n\n`);
  terminal.out(`${reportTable(report, terminal, 2)}\n`);
  if (!options.exit) terminal.out(howToGoOn(nodes, folder, context));
  return allCompleted(answers);
}

/** A node that had been up and ends unasked is told with its last words; one that never was up is told by who waits for it. */
function reportLoss(child: NodeChild, { terminal }: CliContext, stopping: AbortSignal): void {
  const wasUp = child.listening.then(
    () => true,
    () => false,
  );
  Promise.all([child.ended, wasUp]).then(([end, wasUp]) => {
    if (!wasUp || stopping.aborted) return;
    terminal.err(`\n  ${terminal.color.red('✗')} ${child.name} ${endWords(end)}${child.lastWords()}\n`);
  });
}

async function stopAll(children: readonly NodeChild[], { terminal, now }: CliContext): Promise<void> {
  if (children.length === 0) return;
  const began = now();
  terminal.out('\n');
  const step = startStep('stopping the nodes, their databases and programs', terminal);
  await Promise.all(children.map((child) => child.stop()));
  step.done(`all have ended ${terminal.color.dim(`after ${formatDuration(now() - began)}`)}`);
}
