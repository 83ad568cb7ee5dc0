/** One run from its first process to its last: running → ending (root gone, or being killed) → ended (nobody left). */
import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Clock, Logger } from '@skein/contracts/runtime';
import { KernelError } from '../errors.ts';
import { readPaced } from './drain-pace.ts';
import { createOutputLog } from './output-log.ts';
import type { ProcessTable } from './process-table.ts';
import type { ProgramExit, ProgramResult, ProgramRun, ProgramSpec, ProgramUsage } from './program.ts';
import { type EndingTiming, endTree, type Tree, type TreeEnding } from './tree-ending.ts';
import type { TreeFigures, TreeWatch } from './tree-watch.ts';
import { addReported, createLineSplitter, nothingReported, parseReportLine } from './usage-report.ts';

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
  onLook(figures: TreeFigures, usage: ProgramUsage): void;
}

export function superviseRun(
  { clock, logger, table, watch }: RunCollaborators,
  { child, pid, report }: { child: ChildProcess; pid: number; report: Readable | undefined },
  options: RunOptions,
): ProgramRun {
  const { runId } = options;
  const startedAt = clock.now();
  const output = createOutputLog(options.maxOutputBytes);
  let reported = nothingReported;
  let malformedLines = 0;
  let refusedNumbers = 0;

  const usageNow = (figures: TreeFigures): ProgramUsage => ({
    cpuMs: Math.round(figures.cpuMs),
    peakMemoryBytes: figures.peakMemoryBytes,
    durationMs: Math.max(0, clock.now() - startedAt),
    ...reported,
  });

  const lines = createLineSplitter((line) => {
    const parsed = line === undefined ? ({ status: 'malformed' } as const) : parseReportLine(line);
    if (parsed.status === 'malformed') {
      malformedLines += 1;
      if (malformedLines === 1) logger.warn('usage report has a malformed line', { runId });
      return;
    }
    reported = addReported(reported, parsed.increments);
    if (parsed.refused.length > 0) {
      refusedNumbers += parsed.refused.length;
      if (refusedNumbers === parsed.refused.length)
        logger.warn('usage report has an impossible number', { runId, names: parsed.refused });
    }
    const figures = watch.figures(runId);
    options.onLook(figures, usageNow(figures));
  });

  const exited = new Promise<ProgramExit>((resolve) => {
    child.once('exit', (exitCode, signal) =>
      resolve(signal === null ? { status: 'exited', exitCode: exitCode ?? 0 } : { status: 'signalled', signal }),
    );
  });
  const closed = new Promise<void>((resolve) => void child.once('close', () => resolve()));
  const isDropped = () => output.truncated;
  const { stdout, stderr } = child;
  if (stdout) readPaced(stdout, clock, { onBytes: (bytes) => output.append('stdout', bytes), isDropped });
  if (stderr) readPaced(stderr, clock, { onBytes: (bytes) => output.append('stderr', bytes), isDropped });
  // Reports are few and short; whoever floods this pipe is paced from the first byte.
  if (report) readPaced(report, clock, { onBytes: (bytes) => lines.write(bytes), isDropped: () => true });
  for (const stream of [child.stdin, child.stdout, child.stderr, report]) {
    stream?.on('error', () => {}); // a program may close its end whenever it likes
  }
  child.stdin?.end(options.stdin);

  watch.watch(runId, pid, (figures) => options.onLook(figures, usageNow(figures)));

  const tree: Tree = {
    rootPid: pid,
    look() {
      const { sure } = watch.look();
      return { living: watch.livingMembers(runId), sure };
    },
  };

  let ending: Promise<TreeEnding> | undefined;
  let over = false;
  const endOnce = (timing: EndingTiming) => {
    ending ??= endTree({ clock, table }, tree, timing);
    return ending;
  };

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
    const { sure } = await watch.rootEnded(runId);
    // Whoever outlives the root was left behind by it: no grace for them, unless a kill with its grace is under way.
    const nobodyLeft = table.sight === 'machine' && sure && watch.livingMembers(runId).length === 0;
    if (!nobodyLeft || ending) {
      const end = await endOnce({ graceMs: 0, giveUpMs: options.giveUpMs });
      if (end.status === 'survived') logger.error('processes survived their run', { runId, pids: end.pids });
    }
    over = true; // from here on the pids and the group may come to mean somebody else
    await pipesClosed();
    lines.end();
    output.end();
    const usage = usageNow(watch.figures(runId));
    watch.unwatch(runId);
    if (malformedLines + refusedNumbers > 1)
      logger.warn('usage report had mistakes', { runId, malformedLines, refusedNumbers });
    return {
      exit,
      stdout: output.textOf('stdout'),
      stderr: output.textOf('stderr'),
      truncated: output.truncated,
      usage,
    };
  }

  const done = follow();
  return {
    runId,
    pid,
    output,
    done,
    async kill() {
      if (over) return;
      const end = await endOnce({ graceMs: options.graceMs, giveUpMs: options.giveUpMs });
      if (end.status === 'survived')
        throw new KernelError('TREE_SURVIVED', `run ${runId}, pids ${end.pids.join(', ')}`);
    },
  };
}
