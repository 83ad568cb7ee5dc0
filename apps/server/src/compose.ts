/**
 * The one place that knows everyone: it picks an implementation for each port of a node and introduces them. Whoever
 * has to see or disturb what passes through a port hands in a decorator; the product itself hands in none.
 */
import { createUndiciHttp, type HttpPort } from '@skein/a2a-transport';
import type { Clock, Logger, Random } from '@skein/contracts/runtime';
import { createPostgresStores } from '@skein/drizzle';
import { createLocalKernel, createRemoteKernel } from '@skein/remote-kernel';
import {
  createSwarmNode,
  type LivenessTiming,
  livenessTiming,
  type NodeIdentity,
  type ProgramRunner,
  type SwarmNode,
  type SwarmStores,
  timingProfiles,
} from '@skein/swarm';
import { createAgentRuntimes } from './adapters/agent-runtime.ts';
import { openDatabase } from './adapters/database.ts';
import { createProgramRunner, createResourceAccounting } from './adapters/program-runner.ts';
import { createRemoteProcesses } from './adapters/remote-processes.ts';
import { allowedTarget } from './config/a2a-config.ts';
import type { Config } from './config/config-schema.ts';
import { type Listener, openListener } from './listener.ts';
import type { Unwinding } from './unwinding.ts';

/** Wraps the real implementation of a port. */
export interface Decorators {
  stores?: (stores: SwarmStores) => SwarmStores;
  runner?: (runner: ProgramRunner) => ProgramRunner;
  http?: (http: HttpPort) => HttpPort;
}

export interface ComposeDeps {
  identity: NodeIdentity;
  workFolder: string;
  isOperator: (token: string) => boolean;
  onLost: (cause: Error) => void;
  clock: Clock;
  random: Random;
  logger: Logger;
  unwinding: Unwinding;
  decorate?: Decorators;
}

/** How long a program may take to end after TERM, so that a node is gone within five seconds of being told. */
const PROGRAM_GRACE_MS = 2_000;

/** How long answers under way may take once the node has stopped. */
const FAREWELL_MS = 500;

export interface Composed {
  node: SwarmNode;
  /** Bound, but not serving yet. */
  listener: Listener;
}

export async function composeNode(config: Config, deps: ComposeDeps): Promise<Composed> {
  const { identity, workFolder, clock, random, logger, unwinding, decorate = {} } = deps;
  const { nodeId } = identity;
  const database = await openDatabase(config, { nodeId, clock, logger, unwinding, onLost: deps.onLost });
  // After the database, which tells whether the folder is ours: a second node on it takes no port.
  const listener = await openListener(config);
  unwinding.defer('listener', () => listener.close(FAREWELL_MS));
  const kernel = createLocalKernel({ hostId: nodeId, clock, logger }, { graceMs: PROGRAM_GRACE_MS });
  unwinding.defer('programs', () => kernel.host.stop());

  const stores = createPostgresStores(database, { nodeId, clock });
  const runner = createProgramRunner(kernel);
  const http = createUndiciHttp();
  const node = await createSwarmNode({
    name: config.name,
    addresses: listener.addresses,
    identity,
    workFolder,
    clock,
    random,
    logger,
    stores: decorate.stores?.(stores) ?? stores,
    runner: decorate.runner?.(runner) ?? runner,
    http: decorate.http?.(http) ?? http,
    accounting: createResourceAccounting(kernel),
    agentRuntimes: createAgentRuntimes(config.agents, { host: kernel.host, clock, logger }),
    processes: createRemoteProcesses(createRemoteKernel({ local: kernel, clock })),
    policy: {
      allowedPrograms: config.execute.programs,
      ...(config.execute.variables && { allowedVariables: config.execute.variables }),
    },
    cortex: config.cortex,
    a2a: { httpJson: config.a2a.httpJson, speaksV03: config.a2a.v03 },
    ...(config.a2a.push.allow.length > 0 && { push: { allow: config.a2a.push.allow.map(allowedTarget) } }),
    timing: timingOf(config),
    labels: config.labels,
    capabilities: config.capabilities,
    capacity: config.capacity,
    seeds: config.seeds,
    isOperator: deps.isOperator,
    ...(config.group !== undefined && { group: config.group }),
    ...(config.joinToken !== undefined && { joinToken: config.joinToken }),
  });
  unwinding.defer('node', () => node.stop());
  return { node, listener };
}

function timingOf({ timing }: Config): LivenessTiming {
  return typeof timing === 'string'
    ? timingProfiles[timing]
    : livenessTiming(timing.heartbeatIntervalMs, timing.sweepIntervalMs);
}
