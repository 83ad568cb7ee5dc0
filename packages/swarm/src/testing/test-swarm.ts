/** A swarm in one process: real nodes in memory, joined by a pretend network, on a clock that a test moves. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HttpPort } from '@skein/a2a-transport';
import { createLinkedHttp, type LinkedHttp, type Route } from '@skein/a2a-transport/testing';
import type { Clock } from '@skein/contracts/runtime';
import { createFakeClock, createMemoryLogger, createSeededRandom, type FakeClock } from '@skein/contracts/testing';
import { createSwarmNode } from '../create-swarm-node.ts';
import type { ProgramRunner } from '../directives/handlers/program-runner.ts';
import { createInMemoryStores } from '../in-memory-stores.ts';
import { createNodeIdentity, type NodeIdentity } from '../security/node-identity.ts';
import type { SwarmStores } from '../stores.ts';
import type { SwarmNode } from '../swarm-node.ts';
import type { SwarmNodeOptions } from '../swarm-node-options.ts';

/** A node of a test's swarm, through all of its lives. */
export interface TestMember {
  readonly origin: string;
  readonly identity: NodeIdentity;
  readonly stores: SwarmStores;
  readonly log: ReturnType<typeof createMemoryLogger>;
  node: SwarmNode;
  /** Ends the node's life without a word, as SIGKILL does: nothing that it asks for is ever answered; its stores stay. */
  kill(): void;
  /** A new life on the same stores and identity. Not started. */
  restart(options?: Partial<SwarmNodeOptions>): Promise<SwarmNode>;
}

/** Nodes on a pretend network and a clock that stands until the test moves it. */
export interface TestSwarm extends AsyncDisposable {
  readonly clock: FakeClock;
  readonly http: LinkedHttp;
  /** Who answers at which origin. */
  readonly routes: Map<string, Route>;
  add(name: string, options?: Partial<SwarmNodeOptions>): Promise<TestMember>;
  /** Lets `ms` of the clock's time pass, in steps of a second between which real work (hashing, signing) is let through. */
  pass(ms: number): Promise<void>;
  /** Moves the clock on in small steps until `condition` holds; fails after `withinMs` of the clock's time. */
  until(condition: () => boolean | Promise<boolean>, withinMs?: number): Promise<void>;
}

/** A machine that never changes, so that no test reads the real one. */
const testMachine = async () => ({
  cpuPercent: 1,
  memoryUsedBytes: 1_000,
  memoryTotalBytes: 2_000,
  diskUsedBytes: 3_000,
  diskTotalBytes: 4_000,
});

/** The same seed makes the same swarm: ids, chance and the order of what happens. */
export async function createTestSwarm(seed = 1): Promise<TestSwarm> {
  const clock = createFakeClock();
  const random = createSeededRandom(seed);
  const routes = new Map<string, Route>();
  const http = createLinkedHttp(routes);
  const folder = await mkdtemp(join(tmpdir(), 'skein-test-swarm-'));
  const nodes = new Map<string, SwarmNode>();
  let port = 4220;

  async function until(condition: () => boolean | Promise<boolean>, withinMs = 300_000): Promise<void> {
    const stepMs = 20;
    for (let passed = 0; passed <= withinMs; passed += stepMs) {
      if (await condition()) return;
      await clock.advance(stepMs);
    }
    throw new Error(`the condition did not come true within ${withinMs} ms`);
  }

  async function pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 1_000) {
      await clock.advance(Math.min(1_000, ms - passed));
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Moves the clock on until a promise settles, whichever way. */
  async function settled(work: Promise<unknown>): Promise<void> {
    let over = false;
    const done = () => {
      over = true;
    };
    work.then(done, done);
    await until(() => over);
  }

  async function add(name: string, options: Partial<SwarmNodeOptions> = {}): Promise<TestMember> {
    const origin = `http://127.0.0.1:${port++}`;
    const identity = options.identity ?? createNodeIdentity();
    const stores = options.stores ?? createInMemoryStores({ clock, random });
    const log = createMemoryLogger();
    let life = { dead: false };
    const born = async (more: Partial<SwarmNodeOptions>) => {
      life = { dead: false };
      const world = mortalWorld(life, { clock: options.clock ?? clock, http: options.http ?? http, stores });
      const place = { addresses: [origin], workFolder: join(folder, name), machine: testMachine, random, logger: log };
      const node = await createSwarmNode({ name, ...place, ...options, identity, ...world, ...more });
      routes.set(origin, (request) => node.app.fetch(request));
      nodes.set(origin, node);
      return node;
    };
    const member: TestMember = {
      ...{ origin, identity, stores, log },
      node: await born({}),
      kill() {
        life.dead = true;
        http.cut(origin);
        routes.delete(origin);
        nodes.delete(origin);
      },
      async restart(more = {}) {
        http.heal(origin);
        member.node = await born(more);
        return member.node;
      },
    };
    return member;
  }

  return {
    ...{ clock, http, routes, add, pass, until },
    async [Symbol.asyncDispose]() {
      await settled(Promise.all([...nodes.values()].map((node) => node.stop())));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What a node lives on, until it is dead: from then on its clock never rings, and neither network nor stores answer. */
function mortalWorld(life: { readonly dead: boolean }, world: { clock: Clock; http: HttpPort; stores: SwarmStores }) {
  const mortal = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(_, key) {
        const member: unknown = Reflect.get(target, key);
        if (typeof member !== 'function' || key === 'now') return member;
        return (...args: unknown[]) => {
          if (life.dead) return new Promise(() => {});
          const answer: unknown = Reflect.apply(member, target, args);
          if (!(answer instanceof Promise)) return answer;
          return answer.then(
            (value) => (life.dead ? new Promise(() => {}) : value),
            (cause) => (life.dead ? new Promise(() => {}) : Promise.reject(cause)),
          );
        };
      },
    });
  const whole = Object.entries(world.stores);
  const stores: unknown = Object.fromEntries(whole.map(([name, store]) => [name, mortal<object>(store)]));
  return {
    clock: mortal(world.clock),
    http: mortal(world.http),
    stores: stores as SwarmStores, // each under its own name, with the methods that it had
  };
}

/** Runs nothing: answers each request with what `respond` makes of it, once its promise resolves. */
export function createTestRunner(
  respond: (args: readonly string[], signal: AbortSignal, output: (text: string) => void) => Promise<number>,
): ProgramRunner & { readonly started: readonly (readonly string[])[] } {
  const started: (readonly string[])[] = [];
  const usage = { tokensIn: 0, tokensOut: 0, costMicroUsd: 0, toolCalls: 0, cpuMs: 1, peakMemoryBytes: 1 };
  return {
    started,
    async run({ args }, { signal, onOutput }) {
      started.push(args);
      let stdout = '';
      const print = (text: string) => {
        stdout += text;
        onOutput('stdout', text);
      };
      const exitCode = await respond(args, signal, print).catch(() => 137);
      return { exit: { status: 'exited', exitCode }, stdout, stderr: '', truncated: false, usage };
    },
    killLeftovers: async () => {},
  };
}
