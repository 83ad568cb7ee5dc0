/** The program itself: hands the process's own streams, signals and surroundings to the command line. */
import { readFileSync } from 'node:fs';
import { ownArguments, runCli } from './cli.ts';
import { createNodeClient } from './client.ts';
import { findConnection } from './connection.ts';
import { createTerminal } from './output/terminal.ts';
import { createSignals } from './signals.ts';

const args = process.argv.slice(2);
const { env } = process;
const cwd = process.cwd();
const manifest: { version: string } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
// Whoever reads us may leave early (`| head`): that is no failure of ours. What cannot be written otherwise is one.
process.stdout.on('error', (cause: NodeJS.ErrnoException) => {
  if (cause.code === 'EPIPE') process.exit(0);
  process.stderr.write(`skein: the output could not be written: ${cause.message}\n`);
  process.exit(1);
});

const context = {
  terminal: createTerminal(process, env, ownArguments(args).includes('--no-color')),
  connect: (options: Parameters<typeof findConnection>[0]) => createNodeClient(findConnection(options, { cwd, env })),
  now: Date.now,
  signals: createSignals(process, Date.now),
  env,
  cwd,
};
process.exitCode = await runCli(args, context, manifest.version);
