import type { GetActivityReply, NodeId, SwarmEvent } from '@skein/contracts';
import { createEmitter } from '@skein/contracts/runtime';
import { createFakeClock, createSeededRandom } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import { createInMemoryStores } from '../in-memory-stores.ts';
import { lanTiming } from '../membership/timing.ts';
import { agentNo, answerOf, databaseIdNo, nodeIdNo, nodeNo, someMetrics, used } from '../testing/fleet-examples.ts';
import type { Activity } from './activity.ts';
import { createFleetDesk } from './desk.ts';

const [self, other] = [nodeIdNo(0), nodeIdNo(1)];

/** A desk on a registry of two nodes; `answer` is what the other one says. */
async function desk(answer: GetActivityReply | undefined) {
  const clock = createFakeClock();
  const { nodes, agents, usage } = createInMemoryStores({ clock, random: createSeededRandom(1) });
  for (const { id, record, signedRecord, tier, group } of [nodeNo(0), nodeNo(1)]) {
    await nodes.admit({ id, record, signedRecord, tier, group });
    await nodes.beat(id, { incarnation: 1, metrics: someMetrics });
  }
  const activity: Activity = {
    tell: async () => answerOf(0),
    ask: async () => answer,
    askAll: async () =>
      new Map([
        [self, answerOf(0)],
        [other, answer],
      ]),
  };
  const latencyMs = (id: NodeId) => (id === other && answer ? 150 : undefined);
  const events = createEmitter<SwarmEvent>(() => {});
  const heard: SwarmEvent[] = [];
  events.onAny((event) => heard.push(event));
  const stopping = new AbortController().signal;
  const deps = { self, activity, latencyMs, nodes, agents, usage, events, timing: lanTiming, stopping };
  return { clock, nodes, agents, usage, heard, desk: createFleetDesk(deps) };
}

const checksOf = (health: { checks: { name: string; value: number | null }[] } | undefined) =>
  Object.fromEntries((health?.checks ?? []).map(({ name, value }) => [name, value]));

test('a node’s health is that of its answer just now, with its silence by the store’s clock', async () => {
  const { clock, desk: fleet } = await desk(answerOf(1, { metrics: { ...someMetrics, cpuPercent: 90 } }));
  await clock.advance(50_000);
  const health = await fleet.getNodeHealth(other);
  expect(health).toMatchObject({ nodeId: other, status: 'online', grade: 'warning' });
  expect(checksOf(health)).toMatchObject({ cpu: 90, silence: 50_000, latency: 150 });
});

test('without an answer stand the metrics that are known, and nobody knows the latency', async () => {
  const { desk: fleet } = await desk(undefined);
  expect(checksOf(await fleet.getNodeHealth(other))).toMatchObject({ cpu: 10, latency: null });
  expect(checksOf(await fleet.getNodeHealth(self))).toMatchObject({ cpu: 10, silence: 0 });
  expect(await fleet.getNodeHealth(nodeIdNo(5))).toBeUndefined();
});

test('a node that was taken out stays in the report with what it used, and is no node of the topology', async () => {
  const { usage, heard, desk: fleet } = await desk(undefined);
  const hours = [{ hour: '2026-01-01T00:00:00.000Z', usage: used({ costMicroUsd: 12 }) }];
  await usage.copy(other, { databaseId: databaseIdNo(1), hours });
  await fleet.removeNode(other);
  expect(heard).toEqual([{ type: 'node.removed', nodeId: other, name: 'node-1' }]);
  const report = await fleet.getResourceReport();
  expect(report).toMatchObject({ totalNodes: 1, totals: { costMicroUsd: 12 } });
  expect(report).toMatchObject({ since: '2025-12-31T01:00:00.000Z', until: '2026-01-01T00:00:00.000Z' });
  expect((await fleet.getSwarmTopology()).nodes.map(({ nodeId }) => nodeId)).toEqual([self]);
  expect(await fleet.getNodeHealth(other)).toBeUndefined();
});

test('the topology tells what answered nodes run, and of a silent one what is known here', async () => {
  const agent = agentNo(1, { usage: used({ tokensIn: 9 }) });
  const silent = await desk(undefined);
  await silent.agents.mirror(agent);
  for (const { desk: fleet } of [silent, await desk(answerOf(1, { agents: [agent] }))]) {
    const { edges, branches } = await fleet.getSwarmTopology();
    expect(edges).toEqual([{ from: self, to: other, agents: 1, directives: 0 }]);
    expect(branches).toMatchObject([
      { spawnedBy: self, roots: [{ agent: { id: agent.id } }], totals: { tokensIn: 9 } },
    ]);
  }
});
