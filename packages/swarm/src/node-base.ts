/** What every part of a node stands on: who it is, what it is given, and what it tells the time and its events by. */
import type { DatabaseId, NodeId, NodeMetrics, SwarmEvent } from '@skein/contracts';
import {
  type Clock,
  createEmitter,
  type Emitter,
  type Logger,
  type Random,
  silentLogger,
  systemClock,
  systemRandom,
} from '@skein/contracts/runtime';
import { SwarmError } from './errors.ts';
import { createInMemoryStores } from './in-memory-stores.ts';
import { noAccounting, type ResourceAccounting } from './resources/accounting.ts';
import { keptFor } from './resources/kept-for.ts';
import { createMachineProbe, readNodeMetrics } from './resources/probe.ts';
import type { SwarmStores } from './stores.ts';
import type { SwarmNodeOptions } from './swarm-node-options.ts';

export interface NodeBase {
  self: NodeId;
  databaseId: DatabaseId;
  stores: SwarmStores;
  accounting: ResourceAccounting;
  events: Emitter<SwarmEvent>;
  clock: Clock;
  random: Random;
  logger: Logger;
  startedAtMs: number;
  /** Reads the machine and the books now. */
  readLive: () => Promise<NodeMetrics>;
  /** The same, a second old at the most: many nodes beat here in the same second. */
  readMetrics: () => Promise<NodeMetrics>;
  /** Aborts when the node stops. */
  stopping: AbortController;
}

const METRICS_KEPT_MS = 1_000;

export async function createNodeBase(options: SwarmNodeOptions): Promise<NodeBase> {
  const { clock = systemClock, random = systemRandom, logger = silentLogger, accounting = noAccounting } = options;
  const self = options.identity.nodeId;
  const stores = options.stores ?? createInMemoryStores({ clock, random });
  const machine = options.machine ?? createMachineProbe(options.workFolder);
  const startedAtMs = clock.now();
  const directives = () => stores.inbox.counts(self);
  const readLive = () => readNodeMetrics({ machine, accounting, directives, clock, startedAtMs });
  return {
    ...{ self, stores, accounting, clock, random, logger, startedAtMs, readLive },
    databaseId: await stores.nodes.databaseId(),
    events: createEmitter<SwarmEvent>((cause) => logger.error('a listener failed', { cause })),
    readMetrics: keptFor(clock, METRICS_KEPT_MS, readLive),
    stopping: new AbortController(),
  };
}

/** A part that exists while the node runs. Errors: NODE_STOPPED. */
export function requireStarted<T>(part: T | undefined): T {
  if (part !== undefined) return part;
  throw new SwarmError('NODE_STOPPED', 'the node is not running; start it first');
}
