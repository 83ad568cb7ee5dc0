/** Puts a node together from its parts. Everything that it needs is handed in; two nodes live in one program. */
import { mkdir } from 'node:fs/promises';
import { createA2AServer, createUndiciHttp, type HttpPort } from '@skein/a2a-transport';
import { DirectiveKind, type NodeId, type SwarmEvent } from '@skein/contracts';
import { createEmitter, silentLogger, systemClock, systemRandom } from '@skein/contracts/runtime';
import { answersWithin } from './answers-within.ts';
import { createBroadcastDesk } from './directives/broadcast.ts';
import { createDesk } from './directives/desk.ts';
import { createFollower } from './directives/follower.ts';
import { executeTask } from './directives/handlers/execute-task.ts';
import type { DirectiveHandlers } from './directives/handlers/handler.ts';
import { queryResources } from './directives/handlers/query-resources.ts';
import { createInboxBus } from './directives/inbox-news.ts';
import { openSender } from './directives/open-sender.ts';
import { createOutboxBus } from './directives/outbox-news.ts';
import { createPlacer } from './directives/placer.ts';
import { createReceiver } from './directives/receiver.ts';
import { type Sender, startSender } from './directives/sender.ts';
import { startWorker, type Worker } from './directives/worker.ts';
import { discoverPeers } from './discovery/discover-peers.ts';
import { SwarmError } from './errors.ts';
import { createSwarmExtension } from './extension.ts';
import { createInMemoryStores } from './in-memory-stores.ts';
import { createEligibility } from './membership/eligibility.ts';
import { createMembership } from './membership/membership.ts';
import { createOwnEligibility } from './membership/own-eligibility.ts';
import { createOwnRecord } from './membership/own-record.ts';
import { lanTiming } from './membership/timing.ts';
import { createNodeCard, noDefaultAgent } from './node-card.ts';
import { closedWhileSealed } from './peers/closed-while-sealed.ts';
import { createPeerCaller } from './peers/peer-caller.ts';
import { createRegisteredPeers } from './peers/registered-peers.ts';
import { noAccounting } from './resources/accounting.ts';
import { keptFor } from './resources/kept-for.ts';
import { createMachineProbe, readNodeMetrics } from './resources/probe.ts';
import { createCallAuthenticator } from './security/call-authenticator.ts';
import { issueJoinToken } from './security/issue-join-token.ts';
import { createJoinChallenges } from './security/join-challenge.ts';
import { createReplayGuard } from './security/replay-guard.ts';
import type { NodeFilter, SwarmNode } from './swarm-node.ts';
import type { SwarmNodeOptions } from './swarm-node-options.ts';
import { toNodeView } from './views.ts';
import { refuse } from './wire-errors.ts';

/** Reads what the stores hold of this node and begins a new life of it. Nothing is sent, run or joined until `start`. */
export async function createSwarmNode(options: SwarmNodeOptions): Promise<SwarmNode> {
  const { name, addresses, identity, capacity = 4, group, timing = lanTiming } = options;
  const { clock = systemClock, random = systemRandom, logger = silentLogger } = options;
  const { accounting = noAccounting, policy = { allowedPrograms: [] }, version = '0.1.0' } = options;
  const self = identity.nodeId;
  const [origin] = addresses;
  if (origin === undefined) throw new SwarmError('INVALID_ARGUMENT', 'a node needs an address that others reach it at');
  await mkdir(options.workFolder, { recursive: true });
  const stores = options.stores ?? createInMemoryStores({ clock, random });
  const { nodes, outbox, inbox, tokens, agents } = stores;
  const { http, closeHttp } = httpOf(options.http);
  const databaseId = await nodes.databaseId();
  const startedAtMs = clock.now();
  const stopping = new AbortController();
  const events = createEmitter<SwarmEvent>((cause) => logger.error('a listener failed', { cause }));

  const machine = options.machine ?? createMachineProbe(options.workFolder);
  const readLive = () =>
    readNodeMetrics({ machine, accounting, directives: () => inbox.counts(self), clock, startedAtMs });
  const readMetrics = keptFor(clock, METRICS_KEPT_MS, readLive);
  const handlers: DirectiveHandlers = {
    query_resources: queryResources({ self, readMetrics: readLive, processes: () => accounting.processes() }),
    ...(options.runner && {
      execute_task: executeTask({ runner: options.runner, policy, workFolder: options.workFolder, clock }),
    }),
  };
  const kinds = DirectiveKind.options.filter((kind) => handlers[kind] !== undefined);

  const own = await createOwnRecord(
    { identity, nodes },
    {
      ...{ name, addresses: [...addresses], kinds, capacity },
      ...(group !== undefined && { group }),
      capabilities: [...(options.capabilities ?? [])],
      labels: { ...options.labels },
    },
  );
  const ownEligibility = createOwnEligibility({ self, nodes });
  await ownEligibility.look();
  const caller = closedWhileSealed(createPeerCaller({ identity, http, clock, random }), ownEligibility);
  const challenges = createJoinChallenges(clock);
  const membership = createMembership(
    {
      ...{ self, identity, challenges, own, nodes, tokens, caller, http, readMetrics, events, random, clock, logger },
      usage: stores.usage,
      heard: () => eligibility.heard(),
    },
    { timing, seeds: options.seeds ?? [], joinToken: options.joinToken },
  );
  const eligibility = createEligibility({
    ...{ self, nodes, inbox, agents, caller, membership, events, clock, logger, stopping: stopping.signal },
    own: ownEligibility,
    worker: () => requireStarted(worker),
    interruptAgents: async () => {}, // none run here yet
  });

  let worker: Worker | undefined;
  let sender: Sender | undefined;
  const requireStarted = <T>(part: T | undefined): T => {
    if (part) return part;
    throw new SwarmError('NODE_STOPPED', 'the node is not running; start it first');
  };
  const inboxBus = createInboxBus(events);
  const outboxBus = createOutboxBus(events);
  const placer = createPlacer({ nodes, latencyMs: caller.latencyMs });
  const follower = createFollower({ self, outbox, bus: outboxBus, clock, stopping: stopping.signal });
  const receiver = createReceiver({
    ...{ self, databaseId, inbox, handlers, policy, clock, random },
    bus: inboxBus,
    worker: () => requireStarted(worker),
    eligibility: ownEligibility.current,
  });
  const desk = createDesk({
    ...{ self, nodes, outbox, inbox, placer, follower, random, stopping: stopping.signal },
    sender: () => openSender(requireStarted(sender), ownEligibility),
  });
  const broadcasts = createBroadcastDesk({
    ...{ self, nodes, outbox, follower, random, stopping: stopping.signal },
    sender: () => openSender(requireStarted(sender), ownEligibility),
  });

  const server = createA2AServer({
    card: createNodeCard({ name, origin, version }),
    executor: noDefaultAgent,
    extensions: [
      createSwarmExtension({
        ...{ identity, challenges, databaseId, own, nodes, membership, receiver, eligibility },
        params: { nodeId: self, swarm: options.swarm ?? 'skein', kinds },
      }),
    ],
    authenticator: createCallAuthenticator({
      ...{ self: identity, clock, startedAtMs },
      replays: createReplayGuard(clock),
      findKey,
      ...(options.isOperator && { isOperator: options.isOperator }),
    }),
    ...{ clock, random, logger },
  });

  /** The key of a node that may call. A stranger may be somebody whom a seed let in a moment ago: it is asked. */
  async function findKey(nodeId: NodeId): Promise<string | undefined> {
    const known = await nodes.find(nodeId);
    const sure = known !== undefined || (await membership.refresh());
    const entry = known ?? (await nodes.find(nodeId));
    if (!entry && !sure) throw refuse('REGISTRY_BEHIND', 'no seed could be asked who is calling; call again', 503);
    return entry && !entry.removed && entry.eligibility !== 'sealed' ? entry.record.key : undefined;
  }

  async function begin(): Promise<void> {
    stopping.signal.throwIfAborted();
    await eligibility.beginLife();
    worker = await startWorker(
      {
        ...{ self, inbox, handlers, bus: inboxBus, clock, logger },
        workerId: `${self}/${own.current().record.incarnation}`,
        killLeftovers: async () => options.runner?.killLeftovers(),
      },
      { capacity },
    );
    stopping.signal.throwIfAborted(); // a stop that came meanwhile waits for this start, and ends what it began
    sender = await startSender({
      ...{ self, outbox, placer, bus: outboxBus, clock, random, logger },
      peers: createRegisteredPeers({ nodes, caller }),
    });
    stopping.signal.throwIfAborted();
    await membership.start();
    eligibility.start();
  }

  let started: Promise<void> | undefined;
  const start = () => {
    started ??= begin();
    return started;
  };

  async function end(): Promise<void> {
    stopping.abort(new SwarmError('NODE_STOPPED', 'the node was stopped'));
    await started?.catch(() => {}); // told to whoever started it
    await eligibility.stop();
    await worker?.stop(); // first, so that the ends of what runs can still be told
    await sender?.stop();
    await membership.stop();
    await server.close();
    await closeHttp();
  }

  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= end();
    return stopped;
  };

  const view = async (id: NodeId) => {
    const entry = await nodes.find(id);
    return entry && !entry.removed ? toNodeView(entry, self) : undefined;
  };

  return {
    id: self,
    name,
    app: server.app,
    events,
    start,
    stop,
    [Symbol.asyncDispose]: stop,
    isReady: async () =>
      worker !== undefined &&
      sender !== undefined &&
      !stopping.signal.aborted &&
      (await answersWithin(clock, READY_WITHIN_MS, () => nodes.find(self))),
    registerSelf: async () => toNodeView(await membership.registerSelf(), self),
    async join(seed, { token, signal = stopping.signal } = {}) {
      const seedId = await membership.join(seed, token, signal);
      const joined = await view(seedId);
      if (!joined) throw new SwarmError('JOIN_REFUSED', `${seed} is not in the registry after joining it`);
      return joined;
    },
    discoverPeers: (endpoints = options.seeds ?? [], { signal = stopping.signal } = {}) =>
      discoverPeers({ http, clock, nodes, logger }, endpoints, signal),
    createJoinToken: (input = {}) => issueJoinToken({ self, tokens }, input),
    getNode: view,
    listNodes: async (filter = {}) => (await nodes.list()).map((entry) => toNodeView(entry, self)).filter(fits(filter)),
    listSnapshots: (id, limit) => nodes.listSnapshots(id, limit),
    ...desk,
    ...broadcasts,
    ...eligibility.desk,
    heartbeat: () => membership.heartbeat(stopping.signal),
  };
}

const READY_WITHIN_MS = 2_000;
/** Many nodes beat here in the same second; the machine is read once for all of them. */
const METRICS_KEPT_MS = 1_000;

/** The caller's own way to the network is the caller's to close. */
function httpOf(given: HttpPort | undefined): { http: HttpPort; closeHttp: () => Promise<void> } {
  if (given) return { http: given, closeHttp: async () => {} };
  const own = createUndiciHttp();
  return { http: own, closeHttp: () => own.close() };
}

/** Each field of the filter that is given must be the node's own. */
function fits({ status, liveness, group }: NodeFilter) {
  return (node: { status: string; liveness: string; group: string | null }): boolean =>
    (status === undefined || node.status === status) &&
    (liveness === undefined || node.liveness === liveness) &&
    (group === undefined || node.group === group);
}
