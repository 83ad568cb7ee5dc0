/** A node as a process of its own: what it reads at the start, which signals it heeds, what it tells whoever started it. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Logger } from '@skein/contracts/runtime';
import { createLogger } from './adapters/logger.ts';
import type { Decorators } from './compose.ts';
import type { Config } from './config/config-schema.ts';
import { helpText } from './config/help.ts';
import { loadConfig } from './config/load-config.ts';
import { type Ending, heedSignals, wordOfDrain } from './ending.ts';
import { exitCodeFor, exitCodes } from './exit-codes.ts';
import { type RunningNode, startNode } from './start-node.ts';
import { readVersion } from './version.ts';

/** A clean stop that takes longer is none: what is left is ended by its own guards. */
const STOP_WITHIN_MS = 4_500;
/** A drain keeps its deadline by itself, unless the database keeps it waiting. */
const DRAIN_MARGIN_MS = 1_000;

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
  let running: RunningNode | undefined;
  let lost: Error | undefined;
  const ending = heedSignals(process, { canDrain: () => running !== undefined, now: () => Date.now() });
  const watchStop = () => setTimeout(endUncleanly, STOP_WITHIN_MS);
  if (ending.stopping.aborted) watchStop();
  else ending.stopping.addEventListener('abort', watchStop, { once: true });
  const onLost = (cause: Error) => {
    lost = cause;
    ending.stop('the database was lost');
  };

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

  const { reason, drains } = await ending.asked;
  if (drains) await drain(running, ending, { reason, deadlineMs: config.shutdown.drainMs, logger });
  ending.stop(reason);
  logger.info('the node stops', { reason });
  await running.stop();
  if (lost) stderr.write(`skein: ${config.name} ended: ${lost.message}\n`);
  return lost ? exitCodes.failed : exitCodes.stopped;
}

/** What runs may end by itself, for a while; a node that cannot even store that it drains just stops. */
async function drain(
  running: RunningNode,
  ending: Ending,
  { reason, deadlineMs, logger }: { reason: string; deadlineMs: number; logger: Logger },
): Promise<void> {
  logger.info('the node drains', { reason, deadlineMs });
  const overdue = setTimeout(() => ending.stop(reason), deadlineMs + DRAIN_MARGIN_MS);
  const brokenOff = new Promise<void>((resolve) =>
    ending.stopping.addEventListener('abort', () => resolve(), { once: true }),
  );
  const drained = running.drain({ deadlineMs, signal: ending.stopping }).then(
    (outcome) => logger.info(wordOfDrain(outcome.eligibility), { ...outcome }),
    (cause: unknown) => logger.info('the drain was broken off', { cause }),
  );
  await Promise.race([drained, brokenOff]);
  clearTimeout(overdue);
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
