/** `skein up`: the node's own program, as a child that this process speaks for. */
import { spawn } from 'node:child_process';
import type { Command } from 'commander';
import type { CliContext, Run } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { serverProgram } from '../server-program.ts';

export function addUp(program: Command, context: CliContext, run: Run): void {
  program
    .command('up')
    .description("start a node and keep it up until Ctrl-C ('skein up --help' lists its flags)")
    .usage('[flags]')
    .argument('[flags...]')
    .allowUnknownOption()
    .passThroughOptions()
    .helpOption(false)
    .action((flags: string[]) => run(() => up(flags, context)));
}

/**
 * The child leads a session of its own, so that a Ctrl-C of the terminal reaches it once and through us; the channel
 * tells it when we die without a word.
 */
function up(flags: readonly string[], { cwd, env: surroundings, signals }: CliContext): Promise<number> {
  const { SKEIN_DEBUG: _ours, ...env } = surroundings; // a node refuses variables that it does not know
  const child = spawn(process.execPath, [serverProgram(), ...flags], {
    cwd,
    env,
    detached: true,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  const release = signals.listen((signal) => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      release();
      resolve(code ?? (signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.failed));
    });
  });
}
