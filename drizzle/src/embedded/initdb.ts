/** Makes the cluster, so that a half-made one is never seen: beside its place, synced, then renamed into it. */
import { closeSync, existsSync, fsyncSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { chmod, chown, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@skein/contracts/runtime';
import { codeOf, DatabaseError } from '../errors.ts';
import type { Binaries } from './binaries.ts';
import { embeddedMajorVersion, initdbArguments, serverEnvironment } from './flags.ts';
import type { Placement } from './placement.ts';
import { type ProgramEnd, runProgram } from './program.ts';

/** A left-over of an initdb that was killed. A live one takes a second. */
const leftoverAfterMs = 10 * 60_000;

export async function ensureCluster(clock: Clock, placement: Placement, binaries: Binaries): Promise<void> {
  if (!existsSync(placement.clusterFolder)) {
    await sweepLeftovers(clock, placement.baseFolder);
    await makeCluster(placement, binaries);
  }
  requireMajorVersion(placement.clusterFolder);
}

async function makeCluster({ baseFolder, clusterFolder, uid }: Placement, binaries: Binaries): Promise<void> {
  const making = await mkdtemp(join(baseFolder, 'init-'));
  try {
    if (uid !== undefined) await chown(making, uid, uid);
    await chmod(making, 0o711);
    const made = join(making, 'pg');
    const { exitCode, output } = await runInitdb(made, binaries, uid);
    if (exitCode !== 0) throw new DatabaseError('INITDB_FAILED', `The database could not be created: ${output.trim()}`);
    await rename(made, clusterFolder).catch((cause) => {
      if (!['EEXIST', 'ENOTEMPTY'].includes(codeOf(cause) ?? '')) throw cause; // another node was first: its cluster is ours
    });
    syncFolder(baseFolder);
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}

/** initdb alone wants its user to have a name; containers often run as a number that has none. */
async function runInitdb(made: string, binaries: Binaries, uid: number | undefined): Promise<ProgramEnd> {
  const program = join(binaries.nativeFolder, 'bin/initdb');
  const args = [...initdbArguments, `--pgdata=${made}`];
  const env = { ...serverEnvironment, ...binaries.env };
  const end = await runProgram(program, args, { uid, env });
  if (!end.output.includes('could not look up effective user ID')) return end;
  if (uid === undefined) {
    // In a user namespace of its own the process is still itself, but goes by the name of nobody.
    const mapped = ['--user', '--map-user=65534', '--map-group=65534', program, ...args];
    return runProgram('unshare', mapped, { env }).catch(() => end);
  }
  await chown(join(made, '..'), 65_534, 65_534);
  const asNobody = await runProgram(program, args, { uid: 65_534, env });
  if (asNobody.exitCode === 0) await runProgram('chown', ['-R', `${uid}:${uid}`, made], { env: serverEnvironment });
  return asNobody;
}

/** Without it the name of the new cluster could be lost with the power, and its first rows with it. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

async function sweepLeftovers(clock: Clock, baseFolder: string): Promise<void> {
  for (const name of readdirSync(baseFolder)) {
    if (!name.startsWith('init-')) continue;
    const folder = join(baseFolder, name);
    const found = statSync(folder, { throwIfNoEntry: false });
    if (found && clock.now() - found.mtimeMs > leftoverAfterMs) await rm(folder, { recursive: true, force: true });
  }
}

/** A newer program does not read an older cluster, nor the other way round; PostgreSQL would only say so in its log. */
function requireMajorVersion(clusterFolder: string): void {
  const file = join(clusterFolder, 'PG_VERSION');
  if (!existsSync(file))
    throw new DatabaseError(
      'FOLDER_UNUSABLE',
      `${clusterFolder} holds no PostgreSQL database. Restore it, or move it away.`,
    );
  const found = readFileSync(file, 'utf8').trim();
  if (found === String(embeddedMajorVersion)) return;
  throw new DatabaseError(
    'WRONG_MAJOR_VERSION',
    `The database in ${clusterFolder} was written by PostgreSQL ${found}, and this Skein runs ${embeddedMajorVersion}. ` +
      `Start the Skein release that came with ${found} on it, or open it with a PostgreSQL ${found} of your own and set DATABASE_URL.`,
  );
}
