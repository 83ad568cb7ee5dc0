/** The port through which programs run. Whoever implements it owns the whole process tree of each run. */
import type { Usage } from '@skein/contracts';

/** A program as an argument list: no shell reads it. */
export interface ProgramRequest {
  /** Names the run in the process tree. */
  runId: string;
  label: string;
  /** An absolute path. */
  program: string;
  args: readonly string[];
  cwd: string;
  /** The whole environment: nothing is inherited. */
  env: Readonly<Record<string, string>>;
  stdin?: string;
}

/** How the first process of a run ended. */
export type ProgramExit =
  | { status: 'exited'; exitCode: number }
  | { status: 'signalled'; signal: string }
  /** Nothing ran: no such file, no right to run it. */
  | { status: 'not_started'; reason: string };

/** What came of a run, with what its whole process tree used. */
export interface ProgramOutcome {
  exit: ProgramExit;
  stdout: string;
  stderr: string;
  /** True where output passed the cap and the rest was dropped. */
  truncated: boolean;
  usage: Usage;
}

/** The port for programs. `@skein/remote-kernel` implements it. */
export interface ProgramRunner {
  /** Resolves when the program and every process that came of it are gone. An abort ends them all; it never rejects for that. */
  run(
    request: ProgramRequest,
    options: { signal: AbortSignal; onOutput: (stream: 'stdout' | 'stderr', text: string) => void },
  ): Promise<ProgramOutcome>;
  /** Ends whatever an earlier life of this node left running. Resolves when none is left. */
  killLeftovers(): Promise<void>;
}
