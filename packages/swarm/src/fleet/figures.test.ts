/** The figures of a whole fleet: whatever befalls the nodes, the report equals what their agents said that they used. */
import { type NodeId, noUsage, sumUsage, type Usage } from '@skein/contracts';
import { createEmitter } from '@skein/contracts/runtime';
import { createFakeClock, createMemoryLogger, createSeededRandom } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import { createInMemoryStores } from '../in-memory-stores.ts';
import { lanTiming } from '../membership/timing.ts';
import type { PeerCaller } from '../peers/peer-caller.ts';
import { HOUR_MS } from '../resources/usage-ledger.ts';
import { startUsageRecorder } from '../resources/usage-recorder.ts';
import { nodeIdNo, nodeNo, someMetrics, used } from '../testing/fleet-examples.ts';
import { type Activity, createActivity } from './activity.ts';
import { createFleetDesk } from './desk.ts';

/** Nodes that know each other, each with a store that can be away and agents that say what they have used so far. */
async function fleet(size: number, { everyMs = 2_000 } = {}) {
  const [clock, random] = [createFakeClock(), createSeededRandom(7)];
  const entries = Array.from({ length: size }, (_, n) => nodeNo(n));
  const activities = new Map<NodeId, Activity>();
  const silent = new Set<NodeId>();
  const caller: Pick<PeerCaller, 'call'> = {
    async call(peer, _method, params, reply) {
      const asked = activities.get(peer.nodeId);
      if (!asked || silent.has(peer.nodeId)) throw new Error('nobody answers');
      return reply.parse(await asked.tell(nodeIdNo(0), params as { usageSince: string })); // what activity.ts sends
    },
  };
  const nodes = { list: async () => entries, find: async (id: NodeId) => entries.find((entry) => entry.id === id) };
  const members = await Promise.all(
    entries.map(async ({ id: self }) => {
      const stores = createInMemoryStores({ clock, random });
      const databaseId = await stores.nodes.databaseId();
      const store = { away: false };
      const usage = new Proxy(stores.usage, {
        get: (target, key) => {
          if (store.away) return () => Promise.reject(new Error('the database is away'));
          return Reflect.get(target, key);
        },
      });
      const runs = new Map<string, Usage>();
      const readings = () => [...runs].map(([runId, usage]) => ({ runId, usage }));
      const logger = createMemoryLogger();
      const live = () => {
        const recorder = startUsageRecorder({ self, usage, readings, clock, logger }, { everyMs });
        const reading = { readMetrics: async () => someMetrics, inbox: stores.inbox, agents: stores.agents };
        const deps = { self, databaseId, nodes, usage, recorder, caller, clock, logger, ...reading };
        const activity = createActivity(deps);
        activities.set(self, activity);
        return { recorder, activity };
      };
      const member = { ...live(), self, stores, store, runs, restart };
      /** A new life on the same stores: its agents were ended, and recorded under their ids, and never come back. */
      async function restart() {
        await member.recorder.record(readings());
        await member.recorder.stop();
        runs.clear();
        Object.assign(member, live());
      }
      return member;
    }),
  );
  const deskOf = (n: number) => {
    const { self, activity, stores } = at(n);
    const rest = { events: createEmitter(() => {}), timing: lanTiming, stopping: new AbortController().signal };
    const edits = { edit: stores.nodes.edit, remove: stores.nodes.remove };
    const registry = { ...nodes, ...edits };
    return createFleetDesk({
      self,
      activity,
      latencyMs: () => undefined,
      nodes: registry,
      agents: stores.agents,
      usage: stores.usage,
      ...rest,
    });
  };
  const at = (n: number) => {
    const member = members[n];
    if (!member) throw new Error(`there is no node ${n}`);
    return member;
  };
  return {
    clock,
    random,
    at,
    deskOf,
    silent,
    async [Symbol.asyncDispose]() {
      for (const { recorder } of members) await recorder.stop();
    },
  };
}

test('the report equals the sum of what agents reported, over two restarts and an outage of the database', async () => {
  await using swarm = await fleet(3);
  const { clock, random, at } = swarm;
  const expected = new Map<number, Usage>();
  let spawned = 0;

  /** Agents of every node report random figures for a while, the same ones often twice. */
  async function work(rounds: number) {
    for (let round = 0; round < rounds; round += 1) {
      for (const n of [0, 1, 2]) {
        const { runs } = at(n);
        if (runs.size < 3) runs.set(`agent-${spawned++}`, noUsage);
        for (const [runId, before] of runs) {
          const some = () => Math.floor(random.next() * 100);
          const more = used({ tokensIn: some(), tokensOut: some(), costMicroUsd: some(), toolCalls: 1, cpuMs: some() });
          runs.set(runId, sumUsage(before, more));
          expected.set(n, sumUsage(expected.get(n) ?? noUsage, more));
        }
      }
      await clock.advance(700);
    }
  }
  async function reported() {
    const { nodes, totals } = await swarm.deskOf(0).getResourceReport();
    return { nodes: nodes.map(({ usage }) => usage), totals };
  }
  const sums = () => ({
    nodes: [0, 1, 2].map((n) => expected.get(n)),
    totals: [...expected.values()].reduce(sumUsage, noUsage),
  });

  await work(10);
  expect(await reported()).toEqual(sums());
  await at(1).restart();
  await work(5);
  at(1).store.away = true;
  at(2).store.away = true;
  await work(20);
  at(1).store.away = false;
  at(2).store.away = false;
  await work(5);
  await at(1).restart();
  await work(3);
  expect(await reported()).toEqual(sums());
  expect(await reported()).toEqual(sums()); // asking again adds nothing
});

test('of a node that does not answer stands what it told last, and a day later nothing', async () => {
  await using swarm = await fleet(2, { everyMs: HOUR_MS });
  swarm.at(1).runs.set('agent', used({ costMicroUsd: 5 }));
  await swarm.deskOf(0).getResourceReport();
  swarm.silent.add(swarm.at(1).self);
  swarm.at(1).runs.set('agent', used({ costMicroUsd: 9 }));
  const row = async () => (await swarm.deskOf(0).getResourceReport()).nodes[1];
  expect(await row()).toMatchObject({ answered: false, usage: { costMicroUsd: 5 } });
  await swarm.clock.advance(24 * HOUR_MS);
  expect(await row()).toMatchObject({ answered: false, usage: { costMicroUsd: 0 } });
});

test('work counts until its hour is not among the last 24 any more', async () => {
  await using swarm = await fleet(1, { everyMs: HOUR_MS });
  const total = async () => (await swarm.deskOf(0).getResourceReport()).totals.tokensIn;
  await swarm.at(0).recorder.record([{ runId: 'a', usage: used({ tokensIn: 1 }) }]);
  await swarm.clock.advance(24 * HOUR_MS - 1);
  expect(await total()).toBe(1);
  await swarm.clock.advance(1);
  expect(await total()).toBe(0);
});
