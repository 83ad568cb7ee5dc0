/** The command line: its commands, and one way to end. */
import { Command, CommanderError } from 'commander';
import { addAgents } from './commands/agents.ts';
import { addBroadcast } from './commands/broadcast.ts';
import { addCancel, addDirectives, addShow } from './commands/directives.ts';
import { addDispatch } from './commands/dispatch.ts';
import { addEligibility } from './commands/eligibility.ts';
import { addFleet } from './commands/fleet.ts';
import { addInit } from './commands/init.ts';
import { addMail } from './commands/mail.ts';
import { addNodes } from './commands/nodes.ts';
import { addState } from './commands/state.ts';
import { addToken } from './commands/token.ts';
import { addUp } from './commands/up.ts';
import { addWatch } from './commands/watch.ts';
import type { CliContext } from './context.ts';
import { addDemo } from './demo/demo-command.ts';
import { CliError, exitCodes, exitCodesHelp } from './exit-codes.ts';
import { printableLine } from './output/terminal.ts';

/** Without what belongs to a program on another node. */
export function ownArguments(args: readonly string[]): readonly string[] {
  const end = args.indexOf('--');
  return end < 0 ? args : args.slice(0, end);
}

/** Runs one command line; resolves with the exit code. Never rejects for what was foreseen. */
export async function runCli(args: readonly string[], context: CliContext, version: string): Promise<number> {
  const { terminal } = context;
  let exitCode: number = exitCodes.ok;
  const run = async (action: () => Promise<number>) => {
    exitCode = await action();
  };
  const program = new Command('skein')
    .description('Agents that form a swarm over A2A.')
    .version(version)
    .option('--no-color', 'no colours (NO_COLOR does the same)')
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .addHelpText('after', exitCodesHelp)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.err(text.replace(/^error: /, 'skein: ')),
    });
  addInit(program, context, run);
  addUp(program, context, run);
  addDemo(program, context, run);
  addToken(program, context, run);
  addNodes(program, context, run);
  addDispatch(program, context, run);
  addDirectives(program, context, run);
  addShow(program, context, run);
  addCancel(program, context, run);
  addBroadcast(program, context, run);
  addAgents(program, context, run);
  addMail(program, context, run);
  addState(program, context, run);
  addFleet(program, context, run);
  addEligibility(program, context, run);
  addWatch(program, context, run);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (cause) {
    if (cause instanceof CommanderError) return cause.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    if (!(cause instanceof CliError)) throw cause;
    if (ownArguments(args).includes('--json'))
      terminal.err(`${JSON.stringify({ error: { reason: cause.reason, message: cause.message } })}\n`);
    else terminal.err(`skein: ${cause.message.split('\n').map(printableLine).join('\n')}\n`);
    return cause.exitCode;
  }
}
