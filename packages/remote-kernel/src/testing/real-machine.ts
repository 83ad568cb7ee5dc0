/** For tests on real processes: wait for what is to come, with a deadline, and see who is there. */
import { readdirSync, readFileSync } from 'node:fs';
import { systemClock } from '@skein/contracts/runtime';
import { parseStat } from '../processes/proc-files.ts';
import type { ProgramSpec } from '../processes/program.ts';

/** Resolves when `holds` answers something other than false or undefined, with that; rejects after the deadline. */
export async function until<T>(what: string, holds: () => T | false | undefined, deadlineMs = 10_000): Promise<T> {
  for (const end = systemClock.now() + deadlineMs; ; ) {
    const answer = holds();
    if (answer !== false && answer !== undefined) return answer;
    if (systemClock.now() > end) throw new Error(`waited ${deadlineMs} ms in vain: ${what}`);
    await systemClock.sleep(10);
  }
}

/** Living processes whose arguments are like that. */
export function pidsWhere(holds: (args: readonly string[]) => boolean): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid)
    .filter((pid) => {
      try {
        if (parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.ended) return false;
        return holds(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0'));
      } catch {
        return false; // it ended while we looked
      }
    });
}

/** Living processes that have this word among their arguments. A word of its own makes a test's processes known. */
export const pidsWithArgument = (word: string): number[] => pidsWhere((args) => args.includes(word));

export const cleanEnv = { PATH: '/usr/bin:/bin' };

/** A shell script as a program: the shell is the program here, not something between us and it. */
export const shell = (script: string): ProgramSpec => ({
  program: '/bin/sh',
  args: ['-c', script],
  cwd: '/',
  env: cleanEnv,
});

export const nodeScript = (script: string): ProgramSpec => ({
  program: process.execPath,
  args: ['-e', script],
  cwd: '/',
  env: cleanEnv,
});
