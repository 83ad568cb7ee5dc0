/**
 * Whose process is it? A pid alone proves nothing: in a container the numbers are small and come again, and a zombie
 * that nobody reaps keeps its number for ever. So a postmaster is known by its program and its working folder.
 */
import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { codeOf } from '../errors.ts';
import { serverEnvironment } from './flags.ts';
import { runProgram } from './program.ts';

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return codeOf(cause) === 'EPERM'; // alive, but another user's
  }
}

export async function isPostmasterOf(pid: number, clusterFolder: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  try {
    if (process.platform === 'linux') {
      const program = readlinkSync(`/proc/${pid}/exe`);
      return worksIn(pid, realpathSync(clusterFolder)) && /\/postgres( \(deleted\))?$/.test(program);
    }
    const ps = await runProgram('ps', ['-p', String(pid), '-o', 'stat=,command='], { env: serverEnvironment });
    return !ps.output.trim().startsWith('Z') && ps.output.includes('postgres') && ps.output.includes(clusterFolder);
  } catch {
    return false; // it ended while we looked
  }
}

function worksIn(pid: number, realFolder: string): boolean {
  return readlinkSync(`/proc/${pid}/cwd`) === realFolder;
}

/**
 * Ends the server's children that outlived it, busy in a long statement. Only after PostgreSQL itself has refused to
 * start because of them. Elsewhere than on Linux they are left to notice by themselves.
 */
export function killOrphanedBackends(clusterFolder: string): number[] {
  if (process.platform !== 'linux') return [];
  const realFolder = realpathSync(clusterFolder);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        if (!worksIn(pid, realFolder)) return false;
        if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('postgres: ')) return false;
        process.kill(pid, 'SIGKILL');
        return true;
      } catch {
        return false; // gone, or not ours to look at
      }
    });
}

/** A signal to a process that may have ended meanwhile. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (cause) {
    if (codeOf(cause) !== 'ESRCH') throw cause;
  }
}
