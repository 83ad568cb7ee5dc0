/** `skein drain`, `undrain`, `seal` and `unseal`: takes nodes out of work, and out of the swarm. */
import { EligibilityView } from '@skein/contracts';
import type { Command } from 'commander';
import { durationArgument } from '../arguments.ts';
import { type CliContext, type CommonOptions, printJson, type Run, withNode } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { untilLeft } from '../leaving.ts';
import { eligibilityWords } from '../output/eligibility-words.ts';
import { oneLine, type Terminal } from '../output/terminal.ts';
import { nodeOrSelf } from '../selector-options.ts';

interface EligibilityOptions extends CommonOptions {
  deadline?: number;
  force?: boolean;
  reason?: string;
  wait?: boolean;
  joinToken?: string;
}

const LONGEST_DRAIN_MS = 600_000;
/** Beyond the deadline: what is killed has five seconds to go, and the node some to say so. */
const SLACK_MS = 30_000;

export function addEligibility(program: Command, context: CliContext, run: Run): void {
  withNode(program.command('drain').description('take a node out of work: it finishes what runs and takes nothing new'))
    .argument('[node]', 'its name or id (default: this node)')
    .option('--deadline <duration>', 'when what still runs is ended (default: 10m)', durationArgument)
    .option('--force', 'end what runs now')
    .option('--reason <text>', 'for those who ask why')
    .option('--wait', 'until it is drained')
    .action((node: string | undefined, options: EligibilityOptions) =>
      run(() => decide('drain', node, options, context)),
    );
  withNode(program.command('undrain').description('give a drained node work again'))
    .argument('[node]', 'its name or id (default: this node)')
    .option('--reason <text>', 'for those who ask why')
    .action((node: string | undefined, options: EligibilityOptions) =>
      run(() => decide('undrain', node, options, context)),
    );
  withNode(program.command('seal').description('put a node out of the swarm for good: what runs there is ended'))
    .argument('[node]', 'its name or id (default: this node)')
    .option('--reason <text>', 'for those who ask why')
    .action((node: string | undefined, options: EligibilityOptions) =>
      run(() => decide('seal', node, options, context)),
    );
  withNode(program.command('unseal').description('open this node again; the others let it in with a new token only'))
    .option('--join-token <token>', 'made at its seed: skein token create')
    .option('--reason <text>', 'for those who ask why')
    .action((options: EligibilityOptions) => run(() => unseal(options, context)));
}

async function decide(
  action: 'drain' | 'undrain' | 'seal',
  word: string | undefined,
  options: EligibilityOptions,
  context: CliContext,
): Promise<number> {
  const client = context.connect(options);
  const node = await nodeOrSelf(word, await client.listNodes());
  const { deadline, force, reason, wait } = options;
  const name = oneLine(node.name);
  const ask = {
    method: 'POST' as const,
    path: `/nodes/${node.id}/${action}${wait ? '?wait=true' : ''}`,
    body: {
      ...(deadline !== undefined && { deadlineMs: deadline }),
      ...(force && { force }),
      ...(reason !== undefined && { reason }),
    },
    ...(wait && { withinMs: (deadline ?? LONGEST_DRAIN_MS) + SLACK_MS }),
  };
  const goesOn = () => `what was decided of ${name} stands; see 'skein nodes ${name}'`;
  const view = await untilLeft(context, goesOn, (signal) => client.read(EligibilityView, { ...ask, signal }));
  say(view, name, options, context);
  return wait ? exitCodeOfWaiting(view, name, options, context.terminal) : exitCodes.ok;
}

/** Whoever waits for the end of a drain goes on with something that needs it. */
function exitCodeOfWaiting(view: EligibilityView, name: string, { json }: EligibilityOptions, { err }: Terminal) {
  const { eligibility, applied } = view;
  if (eligibility === 'drained' && applied === 'there') return exitCodes.ok;
  if (!json) err(`skein: ${name} is not drained: ${whyNotDrained(view)}\n`);
  return applied === 'here' ? exitCodes.unreachable : exitCodes.failed;
}

function whyNotDrained({ eligibility, applied }: EligibilityView): string {
  if (applied === 'here') return 'it does not answer';
  if (eligibility === 'draining') return 'its time is over, and it has not said that everything has ended';
  return eligibility === 'sealed' ? 'it was sealed meanwhile' : 'somebody undid the drain';
}

async function unseal(options: EligibilityOptions, context: CliContext): Promise<number> {
  const client = context.connect(options);
  const node = await nodeOrSelf(undefined, await client.listNodes());
  const { joinToken, reason } = options;
  const view = await client.read(EligibilityView, {
    method: 'POST',
    path: '/unseal',
    body: { ...(joinToken !== undefined && { joinToken }), ...(reason !== undefined && { reason }) },
  });
  say(view, node.name, options, context);
  return exitCodes.ok;
}

function say(view: EligibilityView, name: string, { json }: EligibilityOptions, { terminal, now }: CliContext): void {
  if (json) printJson(terminal, view);
  else terminal.out(`${eligibilityWords(view, oneLine(name), terminal, now())}\n`);
}
