/** Nodes as real processes, each with a folder and a database of its own, for tests that kill them. */
import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  DirectiveDetail,
  DirectiveList,
  type DirectiveView,
  isFinal,
  NodeList,
  type NodeView,
  type Tier,
  TokenReply,
} from '@skein/contracts';
import { systemClock } from '@skein/contracts/runtime';
import type { z } from 'zod';

const NODE_PROGRAM = fileURLToPath(new URL('./crash-points.mjs', import.meta.url));

export interface FleetNode {
  readonly name: string;
  readonly dataDir: string;
  readonly workFolder: string;
  readonly address: string;
  readonly nodeId: string;
  readonly child: ChildProcess;
  /** The next time a directive comes past this point, the process kills itself. */
  arm(point: string): Promise<void>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM, as an operator would: it drains first; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** SIGINT, as Ctrl-C does; resolves with the exit code. */
  interrupt(): Promise<number | null>;
  /** Resolves when the process is gone, by whatever hand. */
  ended(): Promise<void>;
  get<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>>;
  post(path: string, body: unknown): Promise<Response>;
  /** Posts and reads the reply, which must be a yes. */
  ask<S extends z.ZodType>(path: string, body: unknown, schema: S): Promise<z.output<S>>;
}

export interface NodeSetup {
  name: string;
  seeds?: readonly string[];
  joinToken?: string;
  programs?: readonly string[];
  capacity?: number;
  /** The agents that can be spawned there, as the configuration names them. */
  agents?: Readonly<Record<string, unknown>>;
  group?: string;
}

/** Waits for a condition of the real world, asking again and again; fails with what it was waiting for. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  withinMs = 30_000,
): Promise<T> {
  const until = systemClock.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (systemClock.now() > until) throw new Error(`${what}: not within ${withinMs} ms`);
    await systemClock.sleep(25);
  }
}

export class Fleet implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'skein-fleet-'));
  readonly #nodes = new Map<string, FleetNode>();

  constructor() {
    chmodSync(this.folder, 0o711); // as root, the databases run as another user, who must pass
  }

  /** Starts a node, or the next life of one that was killed: same name, same folder. Resolves when it listens. */
  async start({
    name,
    seeds = [],
    joinToken,
    programs = [],
    capacity = 4,
    agents,
    group,
  }: NodeSetup): Promise<FleetNode> {
    const dataDir = join(this.folder, name);
    // A new life listens where the last one did, as an operator's would.
    const port = new URL(this.#nodes.get(name)?.address ?? 'http://127.0.0.1:0').port || '0';
    const args = [
      '--name',
      name,
      '--data-dir',
      dataDir,
      '--port',
      port,
      '--timing',
      'local',
      '--capacity',
      String(capacity),
    ];
    for (const seed of seeds) args.push('--seed', seed);
    for (const program of programs) args.push('--allow-program', program);
    if (joinToken) args.push('--join-token', joinToken);
    if (group !== undefined) args.push('--group', group);
    const env = { ...process.env, ...(agents && { SKEIN_AGENTS: JSON.stringify(agents) }) };
    const child = fork(NODE_PROGRAM, args, { env, execArgv: [], stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    const log: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => log.push(String(chunk)));
    const gone = once(child, 'exit').then(() => {});
    const listening = await new Promise<{ address: string; nodeId: string }>((resolve, reject) => {
      child.on('message', (message: { type?: string; address: string; nodeId: string }) => {
        if (message.type === 'listening') resolve(message);
      });
      gone.then(() => reject(new Error(`${name} ended before it listened:\n${log.join('')}`)));
    });
    const token = readFileSync(join(dataDir, 'operator-token'), 'utf8').trim();
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const call = (path: string, init: RequestInit = {}) =>
      fetch(`${listening.address}/api/swarm${path}`, { ...init, headers, signal: AbortSignal.timeout(10_000) });
    const node: FleetNode = {
      ...{ name, dataDir, workFolder: join(dataDir, 'work'), child },
      ...{ address: listening.address, nodeId: listening.nodeId },
      async arm(point) {
        const armed = once(child, 'message');
        child.send({ arm: point });
        await armed;
      },
      async kill() {
        child.kill('SIGKILL');
        await gone;
      },
      async stop() {
        child.kill('SIGTERM');
        await gone;
        return child.exitCode;
      },
      async interrupt() {
        child.kill('SIGINT');
        await gone;
        return child.exitCode;
      },
      ended: () => gone,
      async get(path, schema) {
        const reply = await call(path);
        if (!reply.ok) throw new Error(`${path} answered ${reply.status}: ${await reply.text()}`);
        return schema.parse(await reply.json());
      },
      post: (path, body) => call(path, { method: 'POST', body: JSON.stringify(body) }),
      async ask(path, body, schema) {
        const reply = await call(path, { method: 'POST', body: JSON.stringify(body) });
        if (!reply.ok) throw new Error(`${path} answered ${reply.status}: ${await reply.text()}`);
        return schema.parse(await reply.json());
      },
    };
    this.#nodes.set(name, node);
    return node;
  }

  /** Processes whose command line holds this text: a node's folder for the node, its database and their helpers. */
  processes(text: string): string[] {
    const { stdout } = spawnSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' });
    return stdout.split('\n').filter((line) => line.includes(text));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const node of this.#nodes.values())
      if (node.child.exitCode === null && node.child.signalCode === null) await node.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export async function joinTokenOf(node: FleetNode, grant: { tier?: Tier; group?: string } = {}): Promise<string> {
  return (await node.ask('/tokens', grant, TokenReply)).token;
}

export async function nodesOf(node: FleetNode): Promise<NodeView[]> {
  return (await node.get('/nodes', NodeList)).nodes;
}

export async function viewOf(observer: FleetNode, observed: FleetNode): Promise<NodeView | undefined> {
  return (await nodesOf(observer)).find(({ id }) => id === observed.nodeId);
}

export async function hasStatus(observer: FleetNode, observed: FleetNode, wanted: NodeView['status']): Promise<void> {
  await eventually(
    `${observed.name} is ${wanted} at ${observer.name}`,
    async () => (await viewOf(observer, observed))?.status === wanted,
  );
}

export const online = (observer: FleetNode, observed: FleetNode) => hasStatus(observer, observed, 'online');

/** One end's row of a directive; undefined where there is none. */
export async function rowOf(node: FleetNode, id: string, side: 'outbox' | 'inbox'): Promise<DirectiveView | undefined> {
  const reply = await fetch(`${node.address}/api/swarm/directives/${id}?side=${side}`, {
    headers: { authorization: `Bearer ${readFileSync(join(node.dataDir, 'operator-token'), 'utf8').trim()}` },
    signal: AbortSignal.timeout(10_000),
  });
  return reply.status === 404 ? undefined : DirectiveDetail.parse(await reply.json()).directive;
}

export async function directivesOf(node: FleetNode): Promise<DirectiveView[]> {
  return (await node.get('/directives?limit=1000', DirectiveList)).directives;
}

export async function finalRow(
  node: FleetNode,
  id: string,
  side: 'outbox' | 'inbox',
  withinMs: number,
): Promise<DirectiveView> {
  return eventually(
    `a final ${side} row of ${id} at ${node.name}`,
    async () => {
      const row = await rowOf(node, id, side);
      return row && isFinal(row.state) && row;
    },
    withinMs,
  );
}
