/** How the command line says that something went wrong: a line for people, one JSON object for programs. */
import { CommanderError } from 'commander';
import { CliError, exitCodes } from './exit-codes.ts';
import { printableLine, type Terminal } from './output/terminal.ts';

/** Anything that was thrown, as a foreseen end. */
export function asCliError(cause: unknown): CliError {
  if (cause instanceof CliError) return cause;
  if (cause instanceof CommanderError) {
    const isHelp = cause.code === 'commander.help';
    const message = isHelp ? 'say which command: --help lists them' : cause.message.replace(/^error: /, '');
    return new CliError(exitCodes.usage, 'invalid_argument', message.replaceAll('\n', ' '), { cause });
  }
  const said = cause instanceof Error ? cause.message : String(cause);
  const message = `something went wrong that nobody foresaw: ${said} (SKEIN_DEBUG=1 says where)`;
  return new CliError(exitCodes.failed, 'internal_error', message, { cause });
}

export function sayFailure({ reason, message, cause }: CliError, terminal: Terminal, how: SayOptions): void {
  if (how.json) terminal.err(`${JSON.stringify({ error: { reason, message } })}\n`);
  // Commander has printed the help itself where no command was named.
  else if (!(cause instanceof CommanderError && cause.code === 'commander.help'))
    terminal.err(`skein: ${message.split('\n').map(printableLine).join('\n')}\n`);
  if (how.debug && reason === 'internal_error' && cause instanceof Error) terminal.err(`${cause.stack}\n`);
}

interface SayOptions {
  json: boolean;
  /** With the stack of what nobody foresaw. */
  debug: boolean;
}
