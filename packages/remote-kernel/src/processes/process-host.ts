import { availableParallelism } from 'node:os';
import { type Clock, type Logger, silentLogger } from '@skein/contracts/runtime';
import { type Accounting, createAccounting, noProgramUsage } from '../accounting.ts';
import { KernelError } from '../errors.ts';
import { createProcessTree, type ProcessTree } from '../process-tree.ts';
import { createGroupProcessTable } from './group-process-table.ts';
import { createGuard } from './guard.ts';
import { createLinuxProcessTable } from './linux-process-table.ts';
import { formatMarker, isHostId, lifePrefix, RUN_VARIABLE } from './marker.ts';
import { reapOrphans } from './orphans.ts';
import type { ProcessTable } from './process-table.ts';
import type { ProcessHost, ProgramRun, ProgramSpec, ProgramUsage, StartOptions } from './program.ts';
import { launchProgram } from './program-launch.ts';
import { superviseRun } from './program-run.ts';
import { treeReporter } from './tree-reporter.ts';
import { createTreeWatch } from './tree-watch.ts';

/** What a host needs; the tree and the accounting are told of each run. */
export interface ProcessHostDeps {
  /** The node's id. It marks every process of the host, so that they are known again after a crash. */
  hostId: string;
  clock: Clock;
  logger?: Logger;
  processTree?: ProcessTree;
  accounting?: Accounting;
  /** The machine's processes. @default /proc on Linux, process groups elsewhere */
  table?: ProcessTable;
}

/** How a host ends what it runs. */
export interface ProcessHostOptions {
  /** Time between TERM and KILL in milliseconds. @default 5_000 */
  graceMs?: number;
  /** How long to go on killing what will not die in milliseconds. @default 5_000 */
  giveUpMs?: number;
  /** Where the guard finds `sh`, `grep` and `ls`, as in PATH. @default '/usr/bin:/bin' */
  toolPath?: string;
  /** Cores of the machine. @default what the system says */
  cores?: number;
}

const DEFAULT_MAX_OUTPUT_BYTES = 1_048_576;

const tableOfThisSystem = (): ProcessTable =>
  process.platform === 'linux' ? createLinuxProcessTable() : createGroupProcessTable();

/**
 * Runs programs on this machine, each with its whole process tree, and leaves none behind.
 *
 * On Linux every process of a run is found by looking at /proc (see `membership.ts`), also after `setsid` and double
 * forks, and killed; when the node itself is killed its guard does the same (`guard.ts`), and `reapOrphans` when
 * both were. A process that drops its environment, its session and its parent within one look is not found.
 * On macOS and the BSDs a run reaches as far as its process group, and its CPU and memory are told as 0.
 *
 * @throws KernelError `HOST_ID_INVALID`
 */
export function createProcessHost(deps: ProcessHostDeps, options: ProcessHostOptions = {}): ProcessHost {
  const { hostId, clock, logger = silentLogger, table = tableOfThisSystem() } = deps;
  const { processTree = createProcessTree(), accounting = createAccounting() } = deps;
  const { graceMs = 5_000, giveUpMs = 5_000, toolPath = '/usr/bin:/bin', cores = availableParallelism() } = options;
  if (!isHostId(hostId)) throw new KernelError('HOST_ID_INVALID', JSON.stringify(hostId));

  const life = { pid: process.pid, startTicks: table.stat(process.pid)?.startTicks ?? 0 };
  const mark = lifePrefix(hostId, life);
  const claimedRunId = (marker: string) => (marker.startsWith(mark) ? marker.slice(mark.length) : undefined);
  const watch = createTreeWatch({ clock, table, claimedRunId }, { cores });
  const guard = createGuard({ logger }, { mark: `${RUN_VARIABLE}=${mark}`, toolPath });
  const runs = new Map<string, Promise<ProgramRun>>();
  let stopping: Promise<void> | undefined;

  async function start(spec: ProgramSpec, options: StartOptions): Promise<ProgramRun> {
    const { runId, signal } = options;
    signal?.throwIfAborted();
    if (stopping) throw new KernelError('HOST_STOPPED', runId);
    if (runs.has(runId)) throw new KernelError('RUN_EXISTS', runId);
    const run = launch(spec, options);
    runs.set(runId, run);
    return run;
  }

  /** A listener cannot break the run that it listens to. */
  function tell(runId: string, news: () => void) {
    try {
      news();
    } catch (cause) {
      logger.error('listener of a run failed', { runId, cause });
    }
  }

  async function launch(spec: ProgramSpec, options: StartOptions): Promise<ProgramRun> {
    const { runId, signal, maxOutputBytes = DEFAULT_MAX_OUTPUT_BYTES, reportOn = 'descriptor' } = options;
    guard.prepare();
    const launched = await launchProgram(spec, formatMarker({ hostId, life, runId }), reportOn);
    if (launched.status === 'not_started') {
      runs.delete(runId);
      return notStarted(runId, launched.reason);
    }
    const owned = { sessionId: launched.pid, sockets: table.sockets(launched.pid) };
    guard.protect(owned);
    const reporter = treeReporter({ processTree, clock }, { ...options, rootPid: launched.pid });
    let told = noProgramUsage;
    const run = superviseRun({ clock, logger, table, watch }, launched, {
      runId,
      stdin: spec.stdin,
      maxOutputBytes,
      graceMs,
      giveUpMs,
      maxMemoryBytes: options.maxMemoryBytes,
      reportOn,
      onReport: (report) => tell(runId, () => options.onReport?.(report)),
      onLook(figures, usage) {
        accounting.update(runId, usage);
        reporter.report(figures);
        if (sameButTime(told, usage)) return;
        told = usage;
        tell(runId, () => options.onUsage?.(usage));
      },
    });
    const settled = run.done.then(({ exit, usage }) => {
      runs.delete(runId);
      signal?.removeEventListener('abort', onAbort);
      guard.release(owned);
      reporter.end(exit, usage);
      accounting.finish(runId, usage);
    });
    const onAbort = () => {
      run.kill().catch((cause) => logger.error('aborted run was not killed', { runId, cause }));
    };
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
    return { ...run, done: settled.then(() => run.done) };
  }

  async function stop(): Promise<void> {
    const running = await Promise.all(runs.values());
    const ends = await Promise.allSettled(running.map((run) => run.kill()));
    for (const end of ends) {
      if (end.status === 'rejected') logger.error('run was not killed at stop', { cause: end.reason });
    }
    await Promise.all(running.map((run) => run.done));
    await guard.stop();
  }

  const stopOnce = () => {
    stopping ??= stop();
    return stopping;
  };
  return {
    start,
    stop: stopOnce,
    reapOrphans: () => reapOrphans({ clock, logger, table }, { hostId, giveUpMs }),
    [Symbol.asyncDispose]: stopOnce,
  };
}

/** Whether two readings differ in nothing but the time. */
const sameButTime = (a: ProgramUsage, b: ProgramUsage): boolean =>
  JSON.stringify({ ...a, durationMs: 0 }) === JSON.stringify({ ...b, durationMs: 0 });

function notStarted(runId: string, reason: string): ProgramRun {
  const nothing: ProgramRun['output'] = { async *[Symbol.asyncIterator]() {} };
  const result = { exit: { status: 'not_started', reason }, stdout: '', stderr: '', truncated: false } as const;
  return {
    runId,
    pid: undefined,
    output: nothing,
    done: Promise.resolve({ ...result, usage: noProgramUsage }),
    write: async () => false,
    kill: async () => {},
  };
}
