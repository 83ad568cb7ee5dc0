/**
 * What a node keeps on disk beside its database: its key, the operator's token, the work folder of its programs, and
 * while it listens a note of where. Secrets are 0600; they are made whole or not at all, so that a crash or a second
 * node on the same folder never leaves half a key.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NodeId, NodeName, Timestamp } from '@skein/contracts';
import { z } from 'zod';

/** node.json: for the command line and for people. Only there while the node listens, or where it was killed. */
export const NodeNote = z.object({
  pid: z.int().positive(),
  nodeId: NodeId,
  name: NodeName,
  address: z.url(),
  startedAt: Timestamp,
});
export type NodeNote = z.infer<typeof NodeNote>;

export interface DataFolder {
  readonly path: string;
  /** Where directives' programs run. */
  readonly workFolder: string;
  /** The secret in this file; `make` makes it at the first start. */
  secret(name: 'identity.pem' | 'operator-token', make: () => string): string;
  writeNote(note: NodeNote): void;
  /** Leaves another process's note alone. */
  removeNote(): void;
}

/** 256 random bits. The prefix tells a leaked one from noise. */
export const createOperatorToken = () => `skein_operator_${randomBytes(32).toString('base64url')}`;

/** Makes the folder where it is missing. As root its path stays passable: PostgreSQL runs as somebody else in there. */
export function openDataFolder(path: string, isRoot: boolean): DataFolder {
  mkdirSync(path, { recursive: true, mode: isRoot ? 0o711 : 0o700 });
  const workFolder = join(path, 'work');
  mkdirSync(workFolder, { recursive: true, mode: 0o700 });
  const notePath = join(path, 'node.json');
  return {
    path,
    workFolder,
    secret: (name, make) => readOrMakeSecret(join(path, name), make),
    writeNote(note) {
      replaceFile(notePath, `${JSON.stringify(note, null, 2)}\n`, 0o644);
      // The id outlives the node's process, so that others can ask who this folder is.
      replaceFile(join(path, 'node-id'), `${note.nodeId}\n`, 0o644);
    },
    removeNote() {
      const note = NodeNote.safeParse(readJson(notePath));
      if (note.success && note.data.pid === process.pid) rmSync(notePath, { force: true });
    },
  };
}

function readOrMakeSecret(path: string, make: () => string): string {
  const found = readText(path);
  if (found?.trim() === '') throw new Error(`${path} is empty: restore it, or remove it to start as somebody new`);
  if (found !== undefined) {
    // Somebody may have copied the folder about: what is secret stays its owner's alone.
    chmodSync(path, 0o600);
    return found.trim();
  }
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${make().trim()}\n`, { mode: 0o600, flush: true });
  try {
    linkSync(draft, path); // fails where another process was faster, and then its secret is the one
  } catch (cause) {
    if (!isCode(cause, 'EEXIST')) throw cause;
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(path, 'utf8').trim();
}

/** Readers see the old file or the new one, never half of it. */
function replaceFile(path: string, text: string, mode: number): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text, { mode });
  renameSync(draft, path);
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (isCode(cause, 'ENOENT')) return undefined;
    throw cause;
  }
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readText(path) ?? 'null');
  } catch {
    return null;
  }
}

const isCode = (cause: unknown, code: string) => cause instanceof Error && 'code' in cause && cause.code === code;
