/**
 * Decides where the cluster lies and as whom its server runs. An ordinary user: in the data folder, as oneself. Root:
 * PostgreSQL refuses to be root, so another user is taken, and a folder that this user can really write to; mode bits
 * do not tell (mounts, capabilities, access lists), so it is tried.
 */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  realpathSync,
  rmdirSync,
  statfsSync,
  symlinkSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { codeOf, DatabaseError } from '../errors.ts';
import { serverEnvironment } from './flags.ts';
import { runProgram } from './program.ts';
import { cannotBecome } from './runnable.ts';

export interface Placement {
  /** Holds the cluster and what belongs to it. */
  readonly baseFolder: string;
  /** The cluster itself: PostgreSQL's data directory. */
  readonly clusterFolder: string;
  /** Holds the socket; 0700. */
  readonly socketFolder: string;
  /** The user the server runs as; undefined = as ourselves. */
  readonly uid: number | undefined;
}

interface PlacementOptions {
  /** As root: run the server as this user, unless a cluster is there already and belongs to another. @default 65534 */
  postgresUid?: number | undefined;
  /** @default whether this process runs as root */
  isRoot?: boolean;
}

const nobodyUid = 65_534;

export async function place(dataFolder: string, options: PlacementOptions = {}): Promise<Placement> {
  const { postgresUid = nobodyUid, isRoot = process.getuid?.() === 0 } = options;
  mkdirSync(dataFolder, { recursive: true, mode: isRoot ? 0o711 : 0o700 });
  const folder = realpathSync(dataFolder);
  if (isRoot) return placeAsRoot(folder, postgresUid);
  refuseNetworkFolder(folder);
  refuseForeignCluster(folder);
  const socketFolder = socketFolderFor(folder, process.getuid?.() ?? 0);
  makeSocketFolder(socketFolder, undefined);
  return { baseFolder: folder, clusterFolder: join(folder, 'pg'), socketFolder, uid: undefined };
}

async function placeAsRoot(folder: string, postgresUid: number): Promise<Placement> {
  const settled = readChoice(folder) ?? (existsSync(join(folder, 'pg')) ? folder : undefined);
  if (settled) {
    const found = await tryBase(folder, settled, postgresUid);
    if (found) return found;
    throw unusable(settled, ownerOfCluster(settled) ?? postgresUid);
  }
  const hash = shortHash(folder);
  for (const base of [folder, `/var/lib/skein/${hash}`, `/var/tmp/skein-${hash}`]) {
    const found = await tryBase(folder, base, postgresUid);
    if (!found) {
      removeIfUnused(folder, base);
      continue;
    }
    const chosen = recordChoice(folder, base);
    // Another node was choosing too, and found otherwise: one folder has one database, so its choice is ours.
    return chosen === base ? found : placeAsRoot(folder, postgresUid);
  }
  throw unusable(folder, postgresUid);
}

/** Undefined when the server's user cannot work there. */
async function tryBase(folder: string, base: string, postgresUid: number): Promise<Placement | undefined> {
  const uid = ownerOfCluster(base) ?? postgresUid;
  const socketFolder = socketFolderFor(base, uid);
  try {
    mkdirSync(base, { recursive: true, mode: 0o711 });
    if (ownedByStranger(base, folder)) return undefined;
    refuseNetworkFolder(base);
    makeSocketFolder(socketFolder, uid);
    if (!(await canWrite(uid, socketFolder)) || !(await canReach(uid, base))) return undefined;
    return { baseFolder: base, clusterFolder: join(base, 'pg'), socketFolder, uid };
  } catch (cause) {
    if (codeOf(cause) === 'EPERM' || codeOf(cause) === 'EINVAL') throw cannotBecome(uid, cause);
    if (codeOf(cause) === 'EACCES' || codeOf(cause) === 'EROFS') return undefined;
    throw cause;
  }
}

/**
 * Where a cluster is, it stays: an empty one in a better place would look like lost data. The choice is a link, because
 * a link is made whole or not at all, and only once.
 */
const choiceOf = (folder: string) => join(folder, 'database');

function recordChoice(folder: string, base: string): string {
  try {
    symlinkSync(base === folder ? '.' : base, choiceOf(folder)); // '.' moves with the folder
  } catch (cause) {
    if (codeOf(cause) !== 'EEXIST') throw cause;
  }
  return readChoice(folder) ?? base;
}

function readChoice(folder: string): string | undefined {
  if (!lstatSync(choiceOf(folder), { throwIfNoEntry: false })?.isSymbolicLink()) return undefined;
  const base = resolve(folder, readlinkSync(choiceOf(folder)));
  if (existsSync(base)) return base;
  throw new DatabaseError(
    'FOLDER_UNUSABLE',
    `The database of ${folder} lies in ${base}, which is gone. Restore it, or remove ${choiceOf(folder)} to begin anew.`,
  );
}

/** Only what is empty goes: another node may have chosen it meanwhile. */
function removeIfUnused(folder: string, base: string): void {
  for (const path of [join(base, 'run'), base]) {
    try {
      if (path !== folder) rmdirSync(path);
    } catch {
      // In use, or never made.
    }
  }
}

function unusable(base: string, uid: number): DatabaseError {
  return new DatabaseError(
    'FOLDER_UNUSABLE',
    `The server cannot use ${base} as uid ${uid}. Give that user a way in (chmod a+x on each folder above it), ` +
      'start the node as an ordinary user, or set DATABASE_URL.',
  );
}

/** The data folder is the operator's, whoever owns it; our own fallbacks must have been made by root and nobody else. */
function ownedByStranger(base: string, dataFolder: string): boolean {
  if (base === dataFolder) return false;
  const found = lstatSync(base, { throwIfNoEntry: false });
  return found !== undefined && (!found.isDirectory() || found.uid !== 0);
}

function ownerOfCluster(base: string): number | undefined {
  const found = lstatSync(join(base, 'pg'), { throwIfNoEntry: false });
  return found && found.uid !== 0 ? found.uid : undefined;
}

function refuseForeignCluster(base: string): void {
  const found = lstatSync(join(base, 'pg'), { throwIfNoEntry: false });
  if (!found || found.uid === process.getuid?.()) return;
  throw new DatabaseError(
    'FOLDER_UNUSABLE',
    `The database in ${base} belongs to uid ${found.uid}: it was made by a node that another user ran. Start the node ` +
      `as that user or as root, or hand the folder over (chown -R ${process.getuid?.()} ${base}).`,
  );
}

const networkFileSystems: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x00c36400, 'Ceph'],
  [0x5346414f, 'AFS'],
]);

/** Two hosts that share a folder see neither each other's processes nor each other's sockets, and would destroy it. */
function refuseNetworkFolder(folder: string): void {
  const name = process.platform === 'linux' ? networkFileSystems.get(statfsSync(folder).type) : undefined;
  if (!name) return;
  throw new DatabaseError(
    'FOLDER_ON_NETWORK',
    `${folder} lies on ${name}, where two hosts could open one database at once. ` +
      'Choose a data folder on a local disk, or set DATABASE_URL.',
  );
}

/** A socket's path has a bound that the data folder's may pass; then a short folder stands in for it. */
export function socketFolderFor(baseFolder: string, uid: number, platform: NodeJS.Platform = process.platform): string {
  const longestBytes = platform === 'darwin' ? 89 : 93; // sun_path, less '/.s.PGSQL.5432' and its end
  const inside = join(baseFolder, 'run');
  return Buffer.byteLength(inside) <= longestBytes ? inside : `/tmp/skein-${uid}-${shortHash(baseFolder)}`;
}

function makeSocketFolder(folder: string, uid: number | undefined): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // In /tmp anybody may have been here first. A link is never followed: root would give away what it points to.
  const found = lstatSync(folder);
  const allowed = uid === undefined ? [process.getuid?.()] : [0, uid];
  if (!found.isDirectory() || !allowed.includes(found.uid))
    throw new DatabaseError(
      'FOLDER_UNUSABLE',
      `${folder} belongs to uid ${found.uid}. Remove it, or use another data folder.`,
    );
  if (uid !== undefined) lchownSync(folder, uid, uid);
  chmodSync(folder, 0o700);
}

const canWrite = (uid: number, folder: string) => shellAs(uid, 'cd "$0" && : > ".probe-$$" && rm ".probe-$$"', folder);
const canReach = (uid: number, folder: string) => shellAs(uid, 'cd "$0"', folder);

async function shellAs(uid: number, script: string, folder: string): Promise<boolean> {
  const { exitCode } = await runProgram('/bin/sh', ['-c', script, folder], { uid, env: serverEnvironment });
  return exitCode === 0;
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
