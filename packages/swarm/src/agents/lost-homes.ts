/**
 * Spawner's side: agents whose home will never tell of them again end here, as interrupted. A home is gone when it was
 * taken out of the registry, when it is sealed and not there, or when it came back on another database, which does not
 * know what was ordered of the one before. A home that is merely silent may come back: its agents are waited for.
 */
import type { AgentView, NodeId, SwarmEvent } from '@skein/contracts';
import type { Clock, EventSource, Logger } from '@skein/contracts/runtime';
import type { OutboxStore } from '../directives/outbox-store.ts';
import type { NodeEntry, NodeStore } from '../membership/node-store.ts';
import { type Pump, startPump } from '../pump.ts';
import type { AgentPeers } from './agent-peers.ts';
import type { AgentStore } from './agent-store.ts';
import type { RemoteAgents } from './remote-agents.ts';

export interface LostHomesDeps {
  self: NodeId;
  agents: Pick<AgentStore, 'list'>;
  outbox: Pick<OutboxStore, 'find'>;
  nodes: Pick<NodeStore, 'find'>;
  peers: Pick<AgentPeers, 'homeDatabase'>;
  remote: Pick<RemoteAgents, 'lose'>;
  events: Pick<EventSource<SwarmEvent>, 'on'>;
  clock: Clock;
  logger: Logger;
}

/** Removals that a seed told of are no events here: they are seen by looking. */
const LOOK_EVERY_MS = 10_000;
const LOOKED_AT = 10_000;

export function startLostHomes(deps: LostHomesDeps): Pump {
  const { self, agents, outbox, nodes, peers, remote, events, clock, logger } = deps;
  /** The life of each home that was found to be on the database that its orders went to. A database changes only between lives. */
  const found = new Map<NodeId, number>();

  async function look(signal: AbortSignal): Promise<undefined> {
    const open = await agents.list({ spawnedBy: self, open: true, limit: LOOKED_AT });
    const homes = new Set(open.map(({ nodeId }) => nodeId));
    for (const home of found.keys()) if (!homes.has(home)) found.delete(home);
    for (const home of homes) {
      if (home === self) continue;
      const there = open.filter(({ nodeId }) => nodeId === home);
      const entry = await nodes.find(home);
      const lost = !entry || isGone(entry) ? there : await onLostDatabase(entry, there, signal);
      for (const agent of lost) {
        signal.throwIfAborted();
        await remote.lose(agent);
        logger.warn('an agent’s home is gone; the agent counts as interrupted', { agentId: agent.id, home });
      }
    }
    return undefined;
  }

  /** Those that were ordered of a database which their home does not have any more. */
  async function onLostDatabase(home: NodeEntry, there: readonly AgentView[], signal: AbortSignal) {
    const { id, liveness, record } = home;
    const [first] = there;
    if (!first || liveness !== 'online' || found.get(id) === record.incarnation) return [];
    const database = await peers.homeDatabase(id, first.directiveId, signal).catch(() => undefined); // asked again
    if (database === undefined) return [];
    const lost: AgentView[] = [];
    for (const agent of there) {
      const order = await outbox.find(self, agent.directiveId);
      if (order?.peerDatabaseId && order.peerDatabaseId !== database) lost.push(agent);
    }
    if (lost.length === 0) found.set(id, record.incarnation);
    return lost;
  }

  const onError = (cause: unknown) => logger.warn('the homes of agents could not be looked at', { cause });
  const pump = startPump(clock, look, { everyMs: LOOK_EVERY_MS, onError });
  const unsubscribe = [events.on('node.removed', pump.wake), events.on('node.liveness_changed', pump.wake)];
  const stop = () => {
    for (const end of unsubscribe) end();
    return pump.stop();
  };
  return { wake: pump.wake, stop, [Symbol.asyncDispose]: stop };
}

/** Nobody hears of what runs there any more: it is out of the registry, or sealed, when it calls nobody, and away. */
function isGone({ removed, eligibility, liveness }: NodeEntry): boolean {
  return removed || (eligibility === 'sealed' && liveness !== 'online' && liveness !== 'suspect');
}
