/** Finds the node to speak to: the one that --url names, else the one that a data folder belongs to. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { CliError, exitCodes } from './exit-codes.ts';

export interface Connection {
  /** An origin. */
  url: string;
  token: string;
  /** Said where the node does not answer. */
  hint: string;
}

export interface ConnectionOptions {
  dataDir?: string;
  url?: string;
  token?: string;
}

export interface Surroundings {
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
}

/** Where a node is looked for: what `skein up` uses, then the first node of the demonstration swarm. */
const DEFAULT_DATA_DIRS = [join('.skein', 'node'), join('.skein', 'node-1')];

const NodeNote = z.object({ pid: z.int().positive(), name: z.string(), address: z.url() });

export function findConnection(options: ConnectionOptions, { cwd, env }: Surroundings): Connection {
  const url = options.url ?? (env.SKEIN_URL || undefined);
  const token = checkedToken(options.token, '--token') ?? checkedToken(env.SKEIN_TOKEN || undefined, 'SKEIN_TOKEN');
  if (url !== undefined) return byUrl(url, token);
  const named = options.dataDir ?? (env.SKEIN_DATA_DIR || undefined);
  const folders = named === undefined ? DEFAULT_DATA_DIRS : [named];
  for (const folder of folders) {
    const found = inFolder(resolve(cwd, folder), folder, token);
    if (found) return found;
  }
  const [first = ''] = folders;
  const up = named === undefined ? 'skein up' : `skein up --data-dir ${first}`;
  throw new CliError(
    exitCodes.unreachable,
    'node_not_running',
    `no node runs in ${folders.join(' or ')}. Start one with '${up}', or name another with --data-dir or --url`,
  );
}

/** It travels in a header: what could end that is told here, where its source is known. */
function checkedToken(token: string | undefined, source: string): string | undefined {
  if (token === undefined || /^[\x21-\x7e]+$/.test(token)) return token;
  const message = `${source} is no operator token: it is empty, or has blanks, line breaks or other characters that none has`;
  throw new CliError(exitCodes.usage, 'invalid_argument', message);
}

function byUrl(url: string, token: string | undefined): Connection {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new CliError(
      exitCodes.usage,
      'invalid_argument',
      `--url ${url}: expected an origin such as http://127.0.0.1:4220`,
    );
  if (token === undefined)
    throw new CliError(
      exitCodes.usage,
      'invalid_argument',
      '--url needs the operator token: give --token or SKEIN_TOKEN (it stands in operator-token in the data folder)',
    );
  return { url: new URL(url).origin, token, hint: 'is it up, and is the address right?' };
}

function inFolder(path: string, name: string, token: string | undefined): Connection | undefined {
  const note = readNote(path);
  // A node that was killed leaves its note behind. Whoever listens at its address now must not be shown its token.
  if (!note || !isAlive(note.pid)) return undefined;
  return {
    url: new URL(note.address).origin,
    token: token ?? readToken(path),
    hint: `${note.name} was process ${note.pid}; start it again with 'skein up --data-dir ${name}'`,
  };
}

function readNote(folder: string): z.infer<typeof NodeNote> | undefined {
  const path = join(folder, 'node.json');
  try {
    return NodeNote.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR'))
      return undefined;
    throw new CliError(exitCodes.failed, 'unreadable', `${path} cannot be read: ${said(cause)}`, { cause });
  }
}

function readToken(folder: string): string {
  const path = join(folder, 'operator-token');
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    const message = `the operator token cannot be read: ${said(cause)}. Run as the node's user, or give --token`;
    throw new CliError(exitCodes.refused, 'unreadable', message, { cause });
  }
}

const said = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause));

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0); // asks, and sends nothing
    return true;
  } catch (cause) {
    return cause instanceof Error && 'code' in cause && cause.code === 'EPERM'; // another user's process lives
  }
}
