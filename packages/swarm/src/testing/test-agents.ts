/** Agents as tests need them, and two nodes' books of them without the nodes: one runs what the other has spawned. */
import { AgentId, type AgentView, DirectiveId, NodeId, noUsage, type Order, type SwarmEvent } from '@skein/contracts';
import { createEmitter } from '@skein/contracts/runtime';
import type { FakeClock } from '@skein/contracts/testing';
import type { OutboxStore } from '../directives/outbox-store.ts';
import { createInMemoryStores } from '../in-memory-stores.ts';
import type { SwarmStores } from '../stores.ts';

export const homeId = NodeId.parse('h'.repeat(26));
export const spawnerId = NodeId.parse('s'.repeat(26));
export const strangerId = NodeId.parse('x'.repeat(26));

const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
export const agentIdOf = (n: number): AgentId => AgentId.parse(uuid(n));
export const directiveIdOf = (n: number): DirectiveId => DirectiveId.parse(uuid(n));

/** The nth agent: it runs at the home for the spawner, unless the change says otherwise. */
export function testAgent(n: number, change: Partial<AgentView> = {}): AgentView {
  return {
    ...{ id: agentIdOf(n), directiveId: directiveIdOf(n), nodeId: homeId, spawnedBy: spawnerId },
    ...{ parentDirectiveId: null, agentType: 'worker', name: `agent ${n}`, mode: 'detach', state: 'running', pid: 7 },
    ...{ startedAt: '2026-01-01T00:00:00.000Z', endedAt: null, restarts: 0, progress: null, usage: noUsage },
    ...{ result: null, version: 1 },
    ...change,
  };
}

/** The same, ended: with its result and a higher version. */
export function endedAgent(n: number, change: Partial<AgentView> = {}): AgentView {
  const result = { response: `answer ${n}`, exitCode: 0, signal: null, truncated: false };
  return testAgent(n, { state: 'completed', endedAt: '2026-01-01T00:01:00.000Z', result, version: 5, ...change });
}

/** The order that an agent came of, in the spawner's outbox. */
export async function order(
  outbox: OutboxStore,
  agent: AgentView,
  payload: Partial<Extract<Order, { kind: 'spawn_agent' }>['payload']> = {},
  effect: 'amo' | 'alo' = 'amo',
): Promise<void> {
  const { directiveId, parentDirectiveId, spawnedBy, nodeId, agentType, mode } = agent;
  await outbox.insert({
    ...{ id: directiveId, sourceNodeId: spawnedBy, targetNodeId: nodeId, parentDirectiveId, broadcastId: null },
    order: { kind: 'spawn_agent', payload: { agentType, instruction: 'work', mode, ...payload } },
    ...{ payloadHash: 'hash', priority: 'normal', effect, ttlMs: 60_000, placement: null },
  });
}

export interface TestNode {
  readonly id: NodeId;
  readonly stores: SwarmStores;
  readonly events: ReturnType<typeof createEmitter<SwarmEvent>>;
  /** Everything that was told, in its order. */
  readonly heard: SwarmEvent[];
}

export function testNode(id: NodeId, clock: FakeClock, random: { uuid(): string }): TestNode {
  const events = createEmitter<SwarmEvent>(() => {});
  const heard: SwarmEvent[] = [];
  events.onAny((event) => heard.push(event));
  return { id, stores: createInMemoryStores({ clock, random }), events, heard };
}
