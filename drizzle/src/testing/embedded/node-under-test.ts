/** Drives node-process.mjs from a test: says what to do, waits for what it says, and kills it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { deadlineSignal, systemClock } from '@skein/contracts/runtime';
import type { SocketTarget } from '../../target.ts';

type Said =
  | { event: 'ready' | 'stopped' }
  | { event: 'owned'; how: 'started' | 'adopted'; pid: number; tookMs: number; connection: SocketTarget }
  | { event: 'refused'; code: string; owner?: string; message: string }
  | { event: 'acknowledged'; id: number }
  | { event: 'lost'; code: string };

type SaidAs<E extends Said['event']> = Extract<Said, { event: E }>;

export interface NodeUnderTest {
  readonly owner: string;
  readonly pid: number;
  /** Every row that it was told is safe, in the order it heard so. */
  readonly acknowledged: readonly number[];
  tell(command: 'go' | 'write' | 'stop'): void;
  /** The first event of these kinds, past or future. */
  heard<E extends Said['event']>(...events: E[]): Promise<SaidAs<E>>;
  /** Resolves once `count` rows more have been acknowledged. */
  acknowledges(count: number): Promise<void>;
  kill(): Promise<void>;
  readonly ended: Promise<void>;
}

const patienceMs = 30_000;
// The same from src/ and from dist/: the script is not compiled.
const script = fileURLToPath(new URL('../../../src/testing/embedded/node-process.mjs', import.meta.url));

export interface NodeOptions {
  folder: string;
  owner: string;
  /** The id of its first row: two lives of a node must not write the same ids. @default 0 */
  firstId?: number;
  /** Runs the whole node as this user. */
  uid?: number;
}

export function launchNode({ folder, owner, firstId = 0, uid }: NodeOptions): NodeUnderTest {
  const child = spawn(process.execPath, [script, folder, owner, String(firstId)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  const ended = once(child, 'close').then(() => {});
  child.stdin.on('error', () => {}); // it was killed while it was being told something
  const said: Exclude<Said, { event: 'acknowledged' }>[] = [];
  const acknowledged: number[] = [];
  const listeners = new Set<() => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    // Our own script's words, one object a line; a kill may cut the last line short.
    const event = parse(line);
    if (event?.event === 'acknowledged') acknowledged.push(event.id);
    else if (event) said.push(event);
    for (const listener of [...listeners]) listener();
  });

  function until<T>(what: string, find: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const missing = (why: string) =>
        new Error(`${owner} did not say ${what}: ${why}; it said ${JSON.stringify(said)}`);
      const deadline = deadlineSignal(systemClock, patienceMs, () => missing(`${patienceMs} ms have passed`));
      const settle = (done: () => void) => {
        listeners.delete(look);
        deadline.clear();
        done();
      };
      const look = () => {
        const found = find();
        if (found !== undefined) settle(() => resolve(found));
      };
      deadline.signal.addEventListener('abort', () => settle(() => reject(deadline.signal.reason)));
      void ended.then(() => settle(() => reject(missing('it ended'))));
      listeners.add(look);
      look();
    });
  }

  return {
    owner,
    pid: requirePid(child),
    acknowledged,
    ended,
    tell: (command) => void child.stdin.write(`${command}\n`),
    heard: <E extends Said['event']>(...events: E[]) =>
      until(events.join(' or '), () =>
        said.find((one): one is SaidAs<E> & (typeof said)[number] => (events as string[]).includes(one.event)),
      ),
    acknowledges: async (count) => {
      const enough = acknowledged.length + count;
      await until(`${count} rows more`, () => (acknowledged.length >= enough ? true : undefined));
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function parse(line: string): Said | undefined {
  try {
    return JSON.parse(line) as Said;
  } catch {
    return undefined;
  }
}

function requirePid(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('the node process could not be started');
  return child.pid;
}

/** Launches a node and waits until the folder is its own, or another's. */
export async function startNode(
  options: NodeOptions,
): Promise<{ node: NodeUnderTest; said: SaidAs<'owned' | 'refused'> }> {
  const node = launchNode(options);
  await node.heard('ready');
  node.tell('go');
  return { node, said: await node.heard('owned', 'refused') };
}

export async function stopNode(node: NodeUnderTest): Promise<void> {
  node.tell('stop');
  await node.heard('stopped');
  await node.ended;
}
