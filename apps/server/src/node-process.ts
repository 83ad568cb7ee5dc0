/** A node as a process of its own: what it reads at the start, which signals it heeds, what it tells whoever started it. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { createLogger } from './adapters/logger.ts';
import type { Decorators } from './compose.ts';
import type { Config } from './config/config-schema.ts';
import { helpText } from './config/help.ts';
import { loadConfig } from './config/load-config.ts';
import { exitCodeFor, exitCodes } from './exit-codes.ts';
import { type RunningNode, startNode } from './start-node.ts';
import { signalExitCode, signalMeaning } from './stop-signals.ts';
import { readVersion } from './version.ts';

/** A clean stop that takes longer is none: what is left is ended by its own guards. */
const STOP_WITHIN_MS = 4_500;

/** Runs until the node has stopped; resolves with the exit code. Never rejects. */
export async function runNodeProcess(process: NodeJS.Process, decorate: Decorators = {}): Promise<number> {
  const { stdout, stderr } = process;
  const version = readVersion();
  // A log that nobody reads any more is no reason to die.
  stdout.on('error', () => {});
  stderr.on('error', () => {});
  const loaded = loadConfig(process.argv.slice(2), {
    env: process.env,
    cwd: process.cwd(),
    hostName: hostname(),
    readFile: readTextFile,
  });
  if (loaded.status === 'asked') {
    stdout.write(`${loaded.what === 'version' ? version : helpText()}\n`);
    return exitCodes.stopped;
  }
  if (loaded.status === 'wrong') {
    for (const problem of loaded.problems) stderr.write(`skein: ${problem}\n`);
    stderr.write("skein: see 'skein up --help' for every key\n");
    return exitCodes.wrongConfig;
  }
  return runNode(process, loaded.config, version, decorate);
}

async function runNode(
  process: NodeJS.Process,
  config: Config,
  version: string,
  decorate: Decorators,
): Promise<number> {
  const { stdout, stderr } = process;
  const logger = createLogger(stdout, { level: config.log.level, name: config.name, readable: stdout.isTTY === true });
  const ending = heedSignals(process);
  ending.asked.then(() => setTimeout(endUncleanly, STOP_WITHIN_MS));
  let lost: Error | undefined;
  const onLost = (cause: Error) => {
    lost = cause;
    ending.ask('the database was lost');
  };

  let running: RunningNode;
  try {
    running = await startNode(config, { logger, version, onLost, decorate });
  } catch (cause) {
    stderr.write(`skein: ${config.name} cannot start: ${said(cause)}\n`);
    logger.debug('the start failed', { cause });
    return exitCodeFor(cause);
  }
  function endUncleanly(): void {
    stderr.write(`skein: ${config.name} did not stop within ${STOP_WITHIN_MS} ms and was ended\n`);
    process.exit(exitCodes.failed);
  }
  // Whoever started this process with a channel is told where it listens, and owns it: see heedSignals.
  if (process.connected) process.send?.({ type: 'listening', ...running.note });

  logger.info('the node stops', { reason: await ending.asked });
  await running.stop();
  if (lost) stderr.write(`skein: ${config.name} ended: ${lost.message}\n`);
  return lost ? exitCodes.failed : exitCodes.stopped;
}

/** Signals, and the end of a parent that holds a channel to us: nobody outlives the one who started them for a while. */
function heedSignals(process: NodeJS.Process): { asked: Promise<string>; ask(reason: string): void } {
  let ask: (reason: string) => void = () => {};
  const asked = new Promise<string>((resolve) => {
    ask = resolve;
  });
  let firstAt: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      const now = Date.now();
      const meaning = signalMeaning(firstAt === undefined ? undefined : now - firstAt);
      firstAt ??= now;
      if (meaning === 'end') process.exit(signalExitCode[signal]);
      if (meaning === 'stop') ask(signal);
    });
  const orphaned = () => ask('whoever started it is gone');
  // It may have gone while our modules were being loaded: then no event will tell.
  if (process.send && !process.connected) orphaned();
  else process.on('disconnect', orphaned);
  return { asked, ask };
}

function readTextFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw cause;
  }
}

/** What went wrong, for people, and its code, for programs. */
function said(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const code = 'code' in cause && typeof cause.code === 'string' ? ` (${cause.code.toLowerCase()})` : '';
  return (cause.message || 'something failed without saying what') + code;
}
