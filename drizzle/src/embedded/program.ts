import { spawn } from 'node:child_process';

export interface ProgramOptions {
  /** Run as this user and its group of the same number; undefined = as we are. */
  uid?: number | undefined;
  env?: Readonly<Record<string, string>>;
}

export interface ProgramEnd {
  /** The exit code, or null after a signal. */
  exitCode: number | null;
  /** What it printed, both streams together. */
  output: string;
}

/** The spawn options that make a child another user. Node clears the supplementary groups by itself. */
export function asUser(uid: number | undefined): { uid?: number; gid?: number } {
  return uid === undefined ? {} : { uid, gid: uid };
}

/** Runs a short program to its end. Rejects only when it could not be started at all. */
export function runProgram(file: string, args: readonly string[], options: ProgramOptions = {}): Promise<ProgramEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      ...asUser(options.uid),
      env: { ...options.env },
      cwd: '/', // the caller's folder may be closed to that user
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const collect = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, output }));
  });
}
