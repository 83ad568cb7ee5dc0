/**
 * A program run for a directive or as an agent: what is asked for, what it says while it runs, and how it ended. These are the words
 * of the port; `process-host.ts` keeps its promises on real processes.
 */

/** A program as an argument list. No shell reads it, and nothing of the node's own environment reaches it. */
export interface ProgramSpec {
  /** Absolute path. Nothing is searched for. */
  program: string;
  args: readonly string[];
  /** The folder to run in. */
  cwd: string;
  /** The whole environment, to which only `SKEIN_RUN` and `SKEIN_REPORT_FD` are added. */
  env: Readonly<Record<string, string>>;
  /** Text for its standard input, which is closed after it; `keepInputOpen` for `ProgramRun.write`. Absent: it is empty. */
  stdin?: string | typeof keepInputOpen;
}

/** In place of a text: the input stays open and takes what `ProgramRun.write` brings. */
export const keepInputOpen = { open: true } as const;

/** A piece of output as it came. A character that arrives in two pieces is given out whole. */
export interface ProgramOutput {
  stream: 'stdout' | 'stderr';
  text: string;
}

/** What a run used, its whole process tree counted. */
export interface ProgramUsage {
  /** User and system time. */
  cpuMs: number;
  /** The highest memory of the whole tree seen at one moment. */
  peakMemoryBytes: number;
  durationMs: number;
  /** These four are what the program itself reported, see `usage-report.ts`. */
  tokensIn: number;
  tokensOut: number;
  costMicroUsd: number;
  toolCalls: number;
}

/** How the first process of a run ended. */
export type ProgramExit =
  | { status: 'exited'; exitCode: number }
  | { status: 'signalled'; signal: string }
  /** `reason` is the system's word: ENOENT, EACCES, … or PROGRAM_NOT_ABSOLUTE. */
  | { status: 'not_started'; reason: string };

/** What came of a run. Output is kept up to `maxOutputBytes`. */
export interface ProgramResult {
  exit: ProgramExit;
  stdout: string;
  stderr: string;
  /** Some output went beyond `maxOutputBytes` and was thrown away. */
  truncated: boolean;
  usage: ProgramUsage;
  /** The tree went beyond `maxMemoryBytes` and was killed for it. */
  limit?: 'memory';
}

/** A program that was started, or could not be. */
export interface ProgramRun {
  readonly runId: string;
  /** The process id on this machine; undefined when the program could not be started. */
  readonly pid: number | undefined;
  /**
   * What the program says, up to `maxOutputBytes`, ending with the run. It waits for no reader and may be read late,
   * by many, or by none: each reader gets all of it, and what is held never exceeds the cap.
   */
  readonly output: AsyncIterable<ProgramOutput>;
  /** Settles once no process of the tree is left. Never rejects. */
  readonly done: Promise<ProgramResult>;
  /**
   * Writes to an input that was kept open. True once the system has taken the text; false where the input was never
   * open or is no more, or where more than 1 MiB waits already for a program that does not read.
   */
  write(text: string): Promise<boolean>;
  /**
   * Ends the whole tree: TERM, a grace period, KILL. Resolves when none is left; a second call joins the first.
   * @throws KernelError `TREE_SURVIVED` when the system refuses to kill a process, for example another user's.
   */
  kill(): Promise<void>;
}

/** How a program is run and heard. */
export interface StartOptions {
  /** Names the run: one running program at a time. */
  runId: string;
  /** What people see beside the process. */
  label: string;
  /** An abort kills the tree; `done` still tells what happened. */
  signal?: AbortSignal;
  /** Most that is kept of both streams together; beyond it output is drained and dropped. @default 1_048_576 */
  maxOutputBytes?: number;
  /**
   * Most that the whole tree may have resident at one moment; beyond it the tree is killed without grace. Seen at the
   * looks, so that a spike between two of them passes unless one process alone made it. Linux only. @default no limit
   */
  maxMemoryBytes?: number;
  /** Where the program reports, see `usage-report.ts`. @default 'descriptor' */
  reportOn?: ReportChannel;
  /** What the program reports beside numbers; of several lines that come at once, the last. */
  onReport?: (report: { progress: string }) => void;
  /** The usage so far, after a look or a report that changed more of it than the time. */
  onUsage?: (usage: ProgramUsage) => void;
  /** Where the program is an agent: which, and for which directive. Shown in the process tree. */
  agent?: { agentId: string; directiveId: string };
}

/** `descriptor`: lines on file descriptor 3. `stderr`: lines between what it says there, taken out of that. */
export type ReportChannel = 'descriptor' | 'stderr';

/** What one reaped run of an earlier life had left behind. */
export interface ReapedRun {
  runId: string;
  pids: readonly number[];
}

/** Runs programs, each with its whole process tree. */
export interface ProcessHost extends AsyncDisposable {
  /**
   * Starts a program. That it could not be started is an outcome (`not_started`), not an error.
   * @throws KernelError `HOST_STOPPED`, `RUN_EXISTS`; the signal's reason when it was aborted before the start.
   */
  start(spec: ProgramSpec, options: StartOptions): Promise<ProgramRun>;
  /** Kills what a process of this host left behind when it died, and says what that was. Linux only, elsewhere nothing. */
  reapOrphans(): Promise<readonly ReapedRun[]>;
  /** Kills every run and takes no new ones. A second call joins the first. */
  stop(): Promise<void>;
}
