/** One run from its first process to its last: running → ending (root gone, or being killed) → ended (nobody left). */
import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Clock, Logger } from '@skein/contracts/runtime';
import { KernelError } from '../errors.ts';
import { readPaced } from './drain-pace.ts';
import { createOutputLog } from './output-log.ts';
import type { ProcessTable } from './process-table.ts';
import type {
  ProgramExit,
  ProgramResult,
  ProgramRun,
  ProgramSpec,
  ProgramUsage,
  ReportChannel,
  StartOptions,
} from './program.ts';
import { openInput } from './program-input.ts';
import { gatherReports } from './program-reports.ts';
import { type EndingTiming, endTree, type Tree, type TreeEnding } from './tree-ending.ts';
import type { TreeFigures, TreeWatch } from './tree-watch.ts';

/** With nobody left, the pipes end at once; only a process that escaped could hold one open, and we do not wait for it. */
const PIPES_LINGER_MS = 1_000;

export interface RunCollaborators {
  clock: Clock;
  logger: Logger;
  table: ProcessTable;
  watch: TreeWatch;
}

export interface RunOptions {
  runId: string;
  stdin: ProgramSpec['stdin'];
  maxOutputBytes: number;
  graceMs: number;
  giveUpMs: number;
  maxMemoryBytes: number | undefined;
  reportOn: ReportChannel;
  onReport: NonNullable<StartOptions['onReport']>;
  onLook(figures: TreeFigures, usage: ProgramUsage): void;
}

/** Only what surely was resident at one moment counts: all of it now, or one process's own peak. */
const isBeyond = ({ memoryBytes, members }: TreeFigures, maxBytes = Number.POSITIVE_INFINITY): boolean =>
  memoryBytes > maxBytes || members.some((member) => member.peakResidentBytes > maxBytes);

export function superviseRun(
  { clock, logger, table, watch }: RunCollaborators,
  { child, pid, report }: { child: ChildProcess; pid: number; report: Readable | undefined },
  options: RunOptions,
): ProgramRun {
  const { runId } = options;
  const startedAt = clock.now();
  const output = createOutputLog(options.maxOutputBytes);
  const usageNow = (figures: TreeFigures): ProgramUsage => ({
    cpuMs: Math.round(figures.cpuMs),
    peakMemoryBytes: figures.peakMemoryBytes,
    durationMs: Math.max(0, clock.now() - startedAt),
    ...reports.usage(),
  });

  function look(figures: TreeFigures) {
    options.onLook(figures, usageNow(figures));
    if (!isBeyond(figures, options.maxMemoryBytes) || limit || rootEnded || ending) return;
    limit = 'memory';
    // After the look that is under way: the kill begins with a look of its own.
    queueMicrotask(() => void endForMemory());
  }

  const exited = new Promise<ProgramExit>((resolve) => {
    child.once('exit', (exitCode, signal) =>
      resolve(signal === null ? { status: 'exited', exitCode: exitCode ?? 0 } : { status: 'signalled', signal }),
    );
  });
  const closed = new Promise<void>((resolve) => void child.once('close', () => resolve()));
  const isDropped = () => output.truncated;
  const { stdout, stderr } = child;
  if (stdout) readPaced(stdout, clock, { onBytes: (bytes) => output.append('stdout', bytes), isDropped });
  const reports = gatherReports(
    { clock, logger },
    { stderr, descriptor: report },
    {
      runId,
      reportOn: options.reportOn,
      onStderr: (bytes) => output.append('stderr', bytes),
      isDropped,
      onUsage: () => look(watch.figures(runId)),
      onProgress: (progress) => options.onReport({ progress }),
    },
  );
  for (const stream of [child.stdin, child.stdout, child.stderr, report]) {
    stream?.on('error', () => {}); // a program may close its end whenever it likes
  }
  const input = openInput(child.stdin, options.stdin);

  const tree: Tree = {
    rootPid: pid,
    look() {
      const { sure } = watch.look();
      return { living: watch.livingMembers(runId), sure };
    },
  };

  let ending: Promise<TreeEnding> | undefined;
  let rootEnded = false;
  let over = false;
  let limit: ProgramResult['limit'];
  const endOnce = (timing: EndingTiming) => {
    ending ??= endTree({ clock, table }, tree, timing);
    return ending;
  };

  async function endForMemory() {
    logger.warn('run went beyond its memory and is killed', { runId, maxMemoryBytes: options.maxMemoryBytes });
    await endOnce({ graceMs: 0, giveUpMs: options.giveUpMs }); // who survives is told of by `follow`
  }

  async function pipesClosed() {
    const tooLong = new AbortController();
    const linger = clock.sleep(PIPES_LINGER_MS, tooLong.signal).then(
      () => {
        for (const stream of [child.stdin, child.stdout, child.stderr, report]) stream?.destroy();
      },
      () => {}, // they closed in time
    );
    await closed;
    tooLong.abort();
    await linger;
  }

  async function follow(): Promise<ProgramResult> {
    const exit = await exited;
    rootEnded = true;
    const { sure } = await watch.rootEnded(runId);
    // Whoever outlives the root was left behind by it: no grace for them, unless a kill with its grace is under way.
    const nobodyLeft = table.sight === 'machine' && sure && watch.livingMembers(runId).length === 0;
    if (!nobodyLeft || ending) {
      const end = await endOnce({ graceMs: 0, giveUpMs: options.giveUpMs });
      if (end.status === 'survived') logger.error('processes survived their run', { runId, pids: end.pids });
    }
    over = true; // from here on the pids and the group may come to mean somebody else
    await pipesClosed();
    reports.end();
    output.end();
    const usage = usageNow(watch.figures(runId));
    watch.unwatch(runId);
    return {
      exit,
      stdout: output.textOf('stdout'),
      stderr: output.textOf('stderr'),
      truncated: output.truncated,
      usage,
      ...(limit && { limit }),
    };
  }

  watch.watch(runId, pid, look);
  const done = follow();
  return {
    runId,
    pid,
    output,
    done,
    write: (text) => input.write(text),
    async kill() {
      if (over) return;
      const end = await endOnce({ graceMs: options.graceMs, giveUpMs: options.giveUpMs });
      if (end.status === 'survived')
        throw new KernelError('TREE_SURVIVED', `run ${runId}, pids ${end.pids.join(', ')}`);
    },
  };
}
