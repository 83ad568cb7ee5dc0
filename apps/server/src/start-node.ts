/** One node's life in this process: folder, identity, database, socket, node and doors, begun in this order and ended in the other. */
import { type Clock, type Logger, type Random, systemClock, systemRandom } from '@skein/contracts/runtime';
import { createNodeIdentity, importNodeIdentity, type SwarmNode } from '@skein/swarm';
import { composeNode, type Decorators } from './compose.ts';
import type { Config } from './config/config-schema.ts';
import { createOperatorToken, type NodeNote, openDataFolder } from './data-folder.ts';
import { createDoors } from './doors/doors.ts';
import { createOperatorCheck } from './doors/operator.ts';
import { isLoopback } from './loopback.ts';
import { createUnwinding, type Unwinding } from './unwinding.ts';

export interface StartDeps {
  logger: Logger;
  version: string;
  /** The database, or this node's right to it, is gone for good: the process should end. */
  onLost: (cause: Error) => void;
  clock?: Clock;
  random?: Random;
  decorate?: Decorators;
}

export interface RunningNode {
  readonly node: SwarmNode;
  readonly note: NodeNote;
  /** Takes nothing new, and lets what runs end until the deadline: see SwarmNode.drainForShutdown. */
  drain: SwarmNode['drainForShutdown'];
  /** Twice is as good as once. */
  stop(): Promise<void>;
}

export async function startNode(config: Config, deps: StartDeps): Promise<RunningNode> {
  const unwinding = createUnwinding(deps.logger);
  try {
    return await start(config, deps, unwinding);
  } catch (cause) {
    await unwinding.unwind();
    throw cause;
  }
}

async function start(config: Config, deps: StartDeps, unwinding: Unwinding): Promise<RunningNode> {
  const { logger, version, onLost, clock = systemClock, random = systemRandom, decorate = {} } = deps;
  const startedAt = clock.now();
  const folder = openDataFolder(config.dataDir, process.getuid?.() === 0);
  const identity = importNodeIdentity(folder.secret('identity.pem', () => createNodeIdentity().exportPem()));
  const isOperator = createOperatorCheck(folder.secret('operator-token', createOperatorToken));

  const { workFolder } = folder;
  const { node, listener } = await composeNode(config, {
    identity,
    isOperator,
    workFolder,
    onLost,
    clock,
    random,
    logger,
    unwinding,
    decorate,
  });
  await node.start();
  const doors = createDoors({ node, isOperator, clock, logger, startedAt, version });
  listener.serve((request, env) => doors.fetch(request, env));

  const note: NodeNote = {
    pid: process.pid,
    nodeId: node.id,
    name: node.name,
    address: listener.addresses[0] ?? `http://${config.host}:${listener.port}`,
    startedAt: new Date(startedAt).toISOString(),
  };
  folder.writeNote(note);
  unwinding.defer('note', () => folder.removeNote());
  logger.info('the node listens', { nodeId: node.id, address: note.address, dataDir: config.dataDir });
  if (!isLoopback(config.host))
    logger.warn('the node is open to the network without TLS', {
      exposes: 'tokens, directives and results can be read and changed by whoever is on the way',
    });
  return { node, note, drain: node.drainForShutdown, stop: () => unwinding.unwind() };
}
