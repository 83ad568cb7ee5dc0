/**
 * Proves that the programs run as the user they are meant for, by running one. Where the project lies in a folder that
 * is closed to that user (under /root, say), they are copied beside the data: 58 MB, once, shared by all nodes.
 */
import { existsSync, lstatSync } from 'node:fs';
import { cp, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf, DatabaseError } from '../errors.ts';
import { type Binaries, linkMissing, unsupported } from './binaries.ts';
import { serverEnvironment } from './flags.ts';
import { type ProgramEnd, runProgram } from './program.ts';

const copyName = 'skein-pg-18.4.0-beta.17';

export async function makeRunnable(binaries: Binaries, baseFolder: string, uid: number | undefined): Promise<Binaries> {
  const first = await tryVersion(binaries, uid);
  if (first.exitCode === 0) return binaries;
  if (uid !== undefined) {
    const copied = await copyReadable(binaries, baseFolder);
    if ((await tryVersion(copied, uid)).exitCode === 0) return copied;
  }
  throw unsupported(`The embedded PostgreSQL does not run on this system (${first.output.trim()})`);
}

async function tryVersion(binaries: Binaries, uid: number | undefined): Promise<ProgramEnd> {
  try {
    const env = { ...serverEnvironment, ...binaries.env };
    return await runProgram(join(binaries.nativeFolder, 'bin/postgres'), ['--version'], { uid, env });
  } catch (cause) {
    // ENOENT on a file that exists: its loader is missing, which is what musl looks like. EACCES: closed to that user.
    if (codeOf(cause) === 'EPERM' || codeOf(cause) === 'EINVAL') throw cannotBecome(uid, cause);
    return { exitCode: null, output: codeOf(cause) ?? 'unknown error' };
  }
}

export function cannotBecome(uid: number | undefined, cause: unknown): DatabaseError {
  return new DatabaseError(
    'ROOT_CANNOT_CHANGE_USER',
    `PostgreSQL refuses to run as root, and this root may not become uid ${uid}. ` +
      'Start the node as an ordinary user, or set DATABASE_URL.',
    { cause },
  );
}

/** Copied under another name and renamed, so that nobody ever runs half a copy. */
async function copyReadable(binaries: Binaries, baseFolder: string): Promise<Binaries> {
  const shared = join(dirname(baseFolder), copyName);
  // A folder that somebody else made in a place like /var/tmp holds programs that we must not run.
  const copy = ownedByAnother(shared) ? join(baseFolder, copyName) : shared;
  if (!existsSync(copy)) {
    const half = await mkdtemp(`${copy}-`);
    await cp(binaries.nativeFolder, join(half, 'native'), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !/\.a$|\/pkgconfig$|\/pgxs$/.test(path), // for building extensions only
    });
    linkMissing(half);
    await runProgram('/bin/chmod', ['-R', 'a+rX', half], { env: serverEnvironment });
    try {
      await rename(half, copy);
    } catch {
      await rm(half, { recursive: true }); // another node was first
    }
  }
  return { nativeFolder: join(copy, 'native'), env: {} };
}

function ownedByAnother(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found !== undefined && (found.uid !== process.getuid?.() || !found.isDirectory());
}
