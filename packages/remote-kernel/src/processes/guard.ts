import { type ChildProcess, spawn } from 'node:child_process';
import type { Logger } from '@skein/contracts/runtime';
import { guardScript } from './guard-script.ts';

/**
 * Outlives the node in order to kill what the node could not: one small process for all runs of a host, which notices
 * the node's death by its input ending, whatever killed it. Costs a run nothing but two short lines through a pipe.
 */
export interface Guard {
  /** Starts the guard where there is none, or none any more: before the program that it is to guard. */
  prepare(): void;
  /** From now on whoever has part in these dies with the node. */
  protect(owned: OwnedByRun): void;
  release(owned: OwnedByRun): void;
  /** Ends the guard without its killing anybody. Twice is well. */
  stop(): Promise<void>;
}

interface OwnedByRun {
  sessionId: number;
  sockets: readonly string[];
}

const namesOf = ({ sessionId, sockets }: OwnedByRun) => [String(sessionId), ...sockets];

interface GuardOptions {
  /** What the marks of this host's life begin with. */
  mark: string;
  /** Where the shell, grep and ls are found, as in PATH. */
  toolPath: string;
}

/** A guard that dies is replaced; one that dies over and over is given up. */
const MOST_STARTS = 10;

export function createGuard({ logger }: { logger: Logger }, { mark, toolPath }: GuardOptions): Guard {
  const names = new Set<string>();
  let guard: ChildProcess | undefined;
  let starts = 0;
  let stopped = false;

  const tell = (sign: '+' | '-', some: Iterable<string>) => {
    guard?.stdin?.write([...some].map((name) => `${sign}${name}\n`).join(''));
  };

  function start() {
    if (guard || stopped || starts >= MOST_STARTS) return;
    starts += 1;
    // A session of its own, so that a Ctrl-C meant for the node does not end the guard first.
    const child = spawn('sh', ['-c', guardScript, 'skein-guard', mark], {
      cwd: '/',
      env: { PATH: toolPath },
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    guard = child;
    child.unref(); // neither the guard nor its pipe keeps the node running
    if (child.stdin && 'unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref();
    child.stdin?.on('error', () => {}); // it ended: `exit` tells
    const lost = (cause?: Error) => {
      if (guard !== child) return;
      guard = undefined;
      if (stopped) return;
      logger.warn('process guard was lost', { starts, ...(cause ? { cause } : {}) });
      if (names.size > 0) start();
    };
    child.once('error', lost);
    child.once('exit', () => lost());
    tell('+', names);
  }

  return {
    prepare: start,
    protect(owned) {
      const added = namesOf(owned);
      for (const name of added) names.add(name);
      tell('+', added);
    },
    release(owned) {
      const removed = namesOf(owned);
      for (const name of removed) names.delete(name);
      tell('-', removed);
    },
    async stop() {
      stopped = true;
      const child = guard;
      if (!child || child.pid === undefined) return;
      const gone = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
      child.ref(); // its end is awaited
      child.kill('SIGKILL');
      await gone;
    },
  };
}
