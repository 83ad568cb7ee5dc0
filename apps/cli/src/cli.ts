/** The command line: its commands, and one way to end. */
import { Command, CommanderError } from 'commander';
import { addAck } from './commands/ack.ts';
import { addAgents } from './commands/agents.ts';
import { addBroadcast } from './commands/broadcast.ts';
import { addCancel, addDirectives, addShow } from './commands/directives.ts';
import { addDispatch } from './commands/dispatch.ts';
import { addEligibility } from './commands/eligibility.ts';
import { addFleet } from './commands/fleet.ts';
import { addInbox } from './commands/inbox.ts';
import { addInit } from './commands/init.ts';
import { addKill } from './commands/kill.ts';
import { addNodes } from './commands/nodes.ts';
import { addSend } from './commands/send.ts';
import { addSpawn } from './commands/spawn.ts';
import { addState } from './commands/state.ts';
import { addSteer } from './commands/steer.ts';
import { addToken } from './commands/token.ts';
import { addUp } from './commands/up.ts';
import { addWatch } from './commands/watch.ts';
import type { CliContext } from './context.ts';
import { addDemo } from './demo/demo-command.ts';
import { exitCodes, exitCodesHelp } from './exit-codes.ts';
import { asCliError, sayFailure } from './failure.ts';

/** Without what belongs to a program on another node. */
export function ownArguments(args: readonly string[]): readonly string[] {
  const end = args.indexOf('--');
  return end < 0 ? args : args.slice(0, end);
}

/** Runs one command line; resolves with the exit code. Never rejects. */
export async function runCli(args: readonly string[], context: CliContext, version: string): Promise<number> {
  const { terminal } = context;
  let exitCode: number = exitCodes.ok;
  let json = ownArguments(args).includes('--json');
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
      writeErr: (text) => (json ? undefined : terminal.err(text)), // the help, where no command was named
      outputError: () => {}, // told below, as every other failure
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
  addSpawn(program, context, run);
  addSteer(program, context, run);
  addKill(program, context, run);
  addInbox(program, context, run);
  addSend(program, context, run);
  addAck(program, context, run);
  addState(program, context, run);
  addFleet(program, context, run);
  addEligibility(program, context, run);
  addWatch(program, context, run);
  program.hook('preAction', (_, command) => {
    json = command.opts().json === true; // as it was understood: a program's own --json is not ours
  });
  try {
    refuseUnknownTopic(program, args);
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (cause) {
    if (cause instanceof CommanderError && cause.exitCode === 0) return exitCodes.ok;
    const failure = asCliError(cause);
    sayFailure(failure, terminal, { json, debug: context.env.SKEIN_DEBUG === '1' });
    return failure.exitCode;
  }
}

/** `help` of a word that is no command would list all commands and not say why. */
function refuseUnknownTopic(program: Command, [first, topic]: readonly string[]): void {
  if (first !== 'help' || topic === undefined || topic.startsWith('-')) return;
  if (![...program.commands.map((each) => each.name()), 'help'].includes(topic))
    program.error(`error: unknown command '${topic}': 'skein help' lists them`);
}
