/** Puts a node together from its parts. Everything that it needs is handed in; two nodes live in one program. */
import { mkdir } from 'node:fs/promises';
import { createUndiciHttp, type HttpPort } from '@skein/a2a-transport';
import type { AgentId, NodeId } from '@skein/contracts';
import { createAgentsRoom } from './agents/agents-room.ts';
import { createPlainRemoteProcesses } from './agents/plain-remote-processes.ts';
import { answersWithin } from './answers-within.ts';
import { createCortexPeers } from './cortex/cortex-peers.ts';
import { withCortexPeers } from './cortex/cortex-sender.ts';
import { mountCortex } from './cortex/mount-cortex.ts';
import { createBroadcastDesk } from './directives/broadcast.ts';
import { createDesk } from './directives/desk.ts';
import { createFollower } from './directives/follower.ts';
import { createInboxBus } from './directives/inbox-news.ts';
import { openSender } from './directives/open-sender.ts';
import { createOutboxBus } from './directives/outbox-news.ts';
import { createPlacer } from './directives/placer.ts';
import { createReceiver } from './directives/receiver.ts';
import { type Sender, startSender } from './directives/sender.ts';
import { startWorker, type Worker } from './directives/worker.ts';
import { discoverPeers } from './discovery/discover-peers.ts';
import { SwarmError } from './errors.ts';
import { createActivity } from './fleet/activity.ts';
import { createFleetDesk } from './fleet/desk.ts';
import { createMailDesk } from './mail/create-mail-desk.ts';
import { findAgentHere } from './mail/find-agent.ts';
import { endOpenAgents } from './membership/drain-work.ts';
import { createEligibility } from './membership/eligibility.ts';
import { createMembership } from './membership/membership.ts';
import { createOwnEligibility } from './membership/own-eligibility.ts';
import { createOwnRecord } from './membership/own-record.ts';
import { lanTiming } from './membership/timing.ts';
import { createNodeBase, requireStarted } from './node-base.ts';
import { createNodeHandlers } from './node-handlers.ts';
import { createNodeServer } from './node-server.ts';
import { closedWhileSealed } from './peers/closed-while-sealed.ts';
import { createPeerCaller } from './peers/peer-caller.ts';
import { createRegisteredAgentPeers } from './peers/registered-agent-peers.ts';
import { createRegisteredPeers } from './peers/registered-peers.ts';
import type { Pump } from './pump.ts';
import { createRegistrations, offeredKinds } from './registration.ts';
import { programReadings, recordDirectiveUsage } from './resources/directive-usage.ts';
import { startUsageRecorder, type UsageRecorder } from './resources/usage-recorder.ts';
import { issueJoinToken } from './security/issue-join-token.ts';
import { createJoinChallenges } from './security/join-challenge.ts';
import { closedState } from './state/closed-state.ts';
import { createStateDesk } from './state/create-state-desk.ts';
import { createNamespaces } from './state/namespaces.ts';
import { createStateIntake } from './state/state-intake.ts';
import { createTurns } from './state/turns.ts';
import type { NodeFilter, SwarmNode } from './swarm-node.ts';
import type { SwarmNodeOptions } from './swarm-node-options.ts';
import { createTransport } from './transport.ts';
import { startUpkeep } from './upkeep.ts';
import { toNodeView } from './views.ts';

/** Reads what the stores hold of this node and begins a new life of it. Nothing is sent, run or joined until `start`. */
export async function createSwarmNode(options: SwarmNodeOptions): Promise<SwarmNode> {
  const { name, addresses, identity, workFolder, capacity = 4, group, timing = lanTiming } = options;
  const { policy = { allowedPrograms: [] }, seeds = [] } = options;
  const [origin] = addresses;
  if (origin === undefined) throw new SwarmError('INVALID_ARGUMENT', 'a node needs an address that others reach it at');
  const cortexPeers = createCortexPeers(options.cortex);
  await mkdir(workFolder, { recursive: true });
  const base = await createNodeBase(options);
  const { self, databaseId, stores, accounting, events, clock, random, logger, readMetrics } = base;
  const { nodes, outbox, inbox, tokens, agents, mail, state, usage } = stores;
  const stopping = base.stopping.signal;
  const { http, closeHttp } = httpOf(options.http);

  let worker: Worker | undefined;
  let sender: Sender | undefined;
  let recorder: UsageRecorder | undefined;
  let upkeep: Pump | undefined;
  let tells = false;

  const registrations = createRegistrations({
    runtimes: options.agentRuntimes ?? {},
    onChange: () => kindsChanged(),
  });
  const ownEligibility = createOwnEligibility({ self, nodes });
  await ownEligibility.look();
  const caller = closedWhileSealed(createPeerCaller({ identity, http, clock, random }), ownEligibility);

  const room = createAgentsRoom({
    ...{ self, stores, workFolder, events, clock, random, logger, stopping },
    runtimes: () => registrations.runtimes,
    peers: createRegisteredAgentPeers({ nodes, caller }),
    processes: options.processes ?? createPlainRemoteProcesses({ clock }),
    record: (readings) => requireStarted(recorder).record(readings),
    findElsewhere,
  });
  const namespaces = createNamespaces({ logger });
  const turns = createTurns();
  const intake = createStateIntake({ self, state, nodes, events, logger });
  const findAgent = findAgentHere({ self, agents });
  const handlers = createNodeHandlers(
    { base, host: room.host, registrations, findAgent, namespaces, intake, turns },
    options,
  );

  const own = await createOwnRecord(
    { identity, nodes },
    {
      ...{ name, addresses: [...addresses], kinds: offeredKinds(handlers), capacity },
      ...(group !== undefined && { group }),
      capabilities: [...(options.capabilities ?? [])],
      labels: { ...options.labels },
    },
  );
  const challenges = createJoinChallenges(clock);
  /** What a running node offers anew stands in its own registry at once, and elsewhere with its next beat. */
  function kindsChanged(): void {
    own.describe({ kinds: offeredKinds(handlers) });
    if (!started) return;
    membership
      .registerSelf()
      .catch((cause) => logger.warn('the kinds that are offered could not be stored', { cause }));
  }
  const membership = createMembership(
    {
      ...{ self, identity, challenges, own, nodes, tokens, usage, caller, http, readMetrics },
      ...{ events, random, clock, logger },
      heard: () => eligibility.heard(),
    },
    { timing, seeds, joinToken: options.joinToken },
  );
  const eligibility = createEligibility({
    ...{ self, nodes, inbox, agents, caller, membership, events, clock, logger, stopping },
    own: ownEligibility,
    worker: () => requireStarted(worker),
    interruptAgents: (error) => endOpenAgents({ self, agents, host: room.host }, error),
  });

  const inboxBus = createInboxBus(events);
  const outboxBus = createOutboxBus(events);
  const placer = createPlacer({ nodes, latencyMs: caller.latencyMs });
  const follower = createFollower({ self, outbox, bus: outboxBus, clock, stopping });
  const receiver = createReceiver({
    ...{ self, databaseId, inbox, handlers, policy, clock, random },
    bus: inboxBus,
    tools: registrations.tools,
    runtimes: () => registrations.runtimes,
    worker: () => requireStarted(worker),
    eligibility: ownEligibility.current,
  });
  const sending = {
    ...{ self, nodes, outbox, follower, random, stopping },
    sender: () => openSender(requireStarted(sender), ownEligibility),
  };
  const desk = createDesk({ ...sending, inbox, placer, cortex: cortexPeers });
  const broadcasts = createBroadcastDesk(sending);
  const activity = createActivity({
    ...{ self, databaseId, nodes, agents, inbox, usage, readMetrics, caller, clock, logger },
    recorder: { flush: () => requireStarted(recorder).flush() },
  });

  const server = createNodeServer(
    {
      base,
      handlers,
      identity,
      challenges,
      own,
      membership,
      receiver,
      eligibility,
      activity,
      agents: room.wire,
      inWork: ownEligibility.current,
      origin,
    },
    options,
  );

  const cortex = mountCortex({
    ...{ base, peers: cortexPeers, receiver, policy, runtimes: () => registrations.runtimes },
    ...{ app: server.app, name, origin, version: options.version ?? '0.1.0' },
  });

  /** An agent that others spawned elsewhere: whoever runs it says so when all are asked. */
  async function findElsewhere(id: AgentId): Promise<NodeId | undefined> {
    const answers = await activity.askAll(await usage.now(), stopping);
    return [...answers].find(([, answer]) => answer?.agents.some((agent) => agent.id === id))?.[0];
  }

  async function begin(): Promise<void> {
    stopping.throwIfAborted();
    await eligibility.beginLife();
    recorder = startUsageRecorder({
      ...{ self, usage, clock, logger },
      readings: () => [...programReadings(accounting, worker?.held() ?? []), ...room.host.usageReadings()],
    });
    worker = await startWorker(
      {
        ...{ self, inbox, handlers, bus: inboxBus, clock, logger },
        workerId: `${self}/${own.current().record.incarnation}`,
        async killLeftovers() {
          await options.runner?.killLeftovers();
          await room.host.recover(); // its processes were among them
        },
        recordUsage: recordDirectiveUsage(recorder),
      },
      { capacity },
    );
    stopping.throwIfAborted(); // a stop that came meanwhile waits for this start, and ends what it began
    sender = await startSender({
      ...{ self, outbox, placer, events, bus: outboxBus, clock, random, logger },
      peers: withCortexPeers({
        ...{ self, peers: cortexPeers, own: ownEligibility, http, clock },
        nodes: createRegisteredPeers({ nodes, caller }),
      }),
    });
    if (!tells) await room.start();
    tells = true; // it goes on where a start fails after it: what is owed to others is told whether work is taken or not
    await server.start();
    stopping.throwIfAborted();
    await membership.start();
    eligibility.start();
    upkeep = startUpkeep({ self, stores, clock, logger });
  }

  let started: Promise<void> | undefined;
  const start = () => {
    started ??= begin().catch(async (cause) => {
      await unwind();
      started = undefined;
      throw cause;
    });
    return started;
  };

  /** A start that failed is as if it had not been, and can be tried again. */
  async function unwind(): Promise<void> {
    // Not waited for: their ends are stored when the store is back.
    void room.host.interruptAll({ reason: 'interrupted_by_stop', message: 'the node could not start; it was killed' });
    await worker?.stop();
    await recorder?.stop();
    await sender?.stop();
    worker = undefined;
    recorder = undefined;
    sender = undefined;
  }

  async function end(): Promise<void> {
    base.stopping.abort(new SwarmError('NODE_STOPPED', 'the node was stopped'));
    await started?.catch(() => {}); // told to whoever started it
    await upkeep?.stop();
    // First, so that the ends of what runs can still be told. Together: what a drain ends is given up with its host.
    await Promise.all([eligibility.stop(), worker?.stop(), room.host.stop()]);
    await room.stopTelling();
    await recorder?.stop();
    await sender?.stop();
    await membership.stop();
    await cortex.close();
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

  const join: SwarmNode['join'] = async (seed, { token, signal = stopping } = {}) => {
    const seedId = await membership.join(seed, token, signal);
    const joined = await view(seedId);
    if (!joined) throw new SwarmError('JOIN_REFUSED', `${seed} is not in the registry after joining it`);
    return joined;
  };

  return {
    id: self,
    name,
    cortexPeers: cortexPeers.named,
    app: cortex.app,
    events,
    start,
    stop,
    [Symbol.asyncDispose]: stop,
    isReady: async () =>
      worker !== undefined &&
      sender !== undefined &&
      !stopping.aborted &&
      (await answersWithin(clock, READY_WITHIN_MS, () => nodes.find(self))),
    registerSelf: async () => toNodeView(await membership.registerSelf(), self),
    join,
    transport: createTransport({
      ...{ nodes, membership, caller, http, clock, stopping },
      node: { join, dispatch: desk.dispatch, broadcast: broadcasts.broadcast },
    }),
    discoverPeers: (endpoints = seeds, { signal = stopping } = {}) =>
      discoverPeers({ self, http, clock, nodes, logger }, endpoints, signal),
    createJoinToken: async (input = {}) => {
      ownEligibility.requireOpen();
      return issueJoinToken({ self, tokens }, input);
    },
    getNode: view,
    listNodes: async (filter = {}) => (await nodes.list()).map((entry) => toNodeView(entry, self)).filter(fits(filter)),
    listSnapshots: (id, limit) => nodes.listSnapshots(id, limit),
    heartbeat: () => membership.heartbeat(stopping),
    registerTool: registrations.registerTool,
    registerHandler: registrations.registerHandler,
    registerAgentRuntime: registrations.registerAgentRuntime,
    ...desk,
    ...broadcasts,
    ...room.desk,
    ...createMailDesk({ self, mail, findAgent, events, random }),
    ...closedState(
      createStateDesk({ self, state, namespaces, intake, turns, dispatch: desk.dispatch }),
      ownEligibility,
    ),
    ...createFleetDesk({
      ...{ self, activity, nodes, agents, usage, events, timing, stopping },
      latencyMs: caller.latencyMs,
    }),
    ...eligibility.desk,
  };
}

const READY_WITHIN_MS = 2_000;

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
