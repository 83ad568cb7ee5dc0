import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { isAbsolute } from 'node:path';
import { Readable } from 'node:stream';
import { RUN_VARIABLE } from './marker.ts';
import type { ProgramSpec, ReportChannel } from './program.ts';
import { REPORT_FD, REPORT_FD_VARIABLE, STDERR_FD } from './usage-report.ts';

export type Launch =
  | { status: 'started'; child: ChildProcess; pid: number; report: Readable | undefined }
  | { status: 'not_started'; reason: string };

const reasonOf = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : String(cause);

/** Starts the program in a session of its own, marked, with a pipe for each of output, errors and reports. */
export async function launchProgram(spec: ProgramSpec, marker: string, reportOn: ReportChannel): Promise<Launch> {
  if (!isAbsolute(spec.program)) return { status: 'not_started', reason: 'PROGRAM_NOT_ABSOLUTE' };
  const reportFd = reportOn === 'stderr' ? STDERR_FD : REPORT_FD;
  const ours = { [RUN_VARIABLE]: marker, [REPORT_FD_VARIABLE]: String(reportFd) };
  let child: ChildProcess;
  try {
    child = spawn(spec.program, spec.args, {
      cwd: spec.cwd,
      env: { ...ours, ...spec.env, ...ours },
      stdio: [spec.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', 'pipe'],
      detached: true,
      windowsHide: true,
    });
  } catch (cause) {
    return { status: 'not_started', reason: reasonOf(cause) }; // for example a NUL in an argument
  }
  if (child.pid === undefined) {
    const [cause] = await once(child, 'error');
    return { status: 'not_started', reason: reasonOf(cause) };
  }
  child.on('error', () => {}); // only a failed kill or send comes here, and neither goes through `child`
  const report = child.stdio[REPORT_FD];
  return { status: 'started', child, pid: child.pid, report: report instanceof Readable ? report : undefined };
}
