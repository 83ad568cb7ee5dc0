/** From a spawn at one node to its announcement at another, over a wire that loses calls and answers, and restarts. */
import { noUsage, ReportAgentsParams, ReportAgentsReply } from '@skein/contracts';
import { createFakeClock, createMemoryLogger, createSeededRandom } from '@skein/contracts/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodeNo } from '../testing/fleet-examples.ts';
import { directiveIdOf, homeId, order, spawnerId, testAgent, testNode } from '../testing/test-agents.ts';
import { createTestRuntime } from '../testing/test-runtime.ts';
import { createAgentHost } from './agent-host.ts';
import type { AgentPeers } from './agent-peers.ts';
import { startAgentReports } from './agent-reports.ts';
import { DEFAULT_ANNOUNCE_TO } from './agent-store.ts';
import { startAnnouncements } from './announcements.ts';
import { createPlainRemoteProcesses } from './plain-remote-processes.ts';
import { createRemoteAgents } from './remote-agents.ts';

type Wire = 'good' | 'request_lost' | 'answer_lost';

function world(seed: number) {
  const clock = createFakeClock();
  const random = createSeededRandom(seed);
  const [home, spawner] = [testNode(homeId, clock, random), testNode(spawnerId, clock, random)];
  const worker = createTestRuntime();
  const logger = createMemoryLogger();
  let wire: Wire = 'good';

  function spawnerLife() {
    const { agents, outbox, mail } = spawner.stores;
    const processes = createPlainRemoteProcesses({ clock });
    const deps = { self: spawnerId, agents, outbox, events: spawner.events };
    const announcements = startAnnouncements({
      ...deps,
      mail,
      clock,
      random,
      logger,
      findAgent: async () => undefined,
    });
    const remote = createRemoteAgents({ ...deps, clock, processes, onDetachedEnd: announcements.wake });
    return { processes, announcements, remote };
  }
  let there = spawnerLife();

  const overTheWire = <T>(value: T): unknown => JSON.parse(JSON.stringify(value));
  const peers: Pick<AgentPeers, 'reportAgents'> = {
    async reportAgents(_, agents) {
      if (wire === 'request_lost') throw new Error('the request was lost');
      const params = ReportAgentsParams.parse(overTheWire({ agents }));
      const reply = ReportAgentsReply.parse(overTheWire(await there.remote.takeReports(homeId, params)));
      if (wire === 'answer_lost') throw new Error('the answer was lost');
      return reply;
    },
  };
  function homeLife() {
    const { agents } = home.stores;
    const deps = { self: homeId, agents, clock, random, logger, events: home.events };
    const host = createAgentHost({
      ...{ ...deps, runtimes: () => ({ worker }), workFolder: '/work' },
      record: async () => {},
    });
    return { host, reports: startAgentReports({ ...deps, peers, nodes: { find: async () => nodeNo(1) } }) };
  }
  let here = homeLife();

  return {
    ...{ clock, home, spawner, worker },
    host: () => here.host,
    tree: () => there.processes.tree(spawnerId),
    setWire(next: Wire) {
      wire = next;
    },
    async spawn(n: number) {
      const agent = testAgent(n);
      await order(spawner.stores.outbox, agent);
      await here.host.spawn({
        payload: { agentType: 'worker', instruction: 'work', mode: 'detach' },
        ...{ directiveId: directiveIdOf(n), parentDirectiveId: null, spawnedBy: spawnerId },
      });
    },
    async restartSpawner() {
      there.remote.stop();
      await there.announcements.stop();
      there = spawnerLife();
      await there.remote.restore();
    },
    async restartHome() {
      await Promise.all([here.host.stop(), clock.advance(3_000)]);
      await Promise.all([here.reports.stop(), clock.advance(3_000)]);
      here = homeLife();
      await here.host.recover();
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([here.reports.stop(), there.announcements.stop(), clock.advance(3_000)]);
    },
  };
}

const step = fc.oneof(
  fc.record({ do: fc.constant('wire' as const), wire: fc.constantFrom<Wire>('good', 'request_lost', 'answer_lost') }),
  fc.record({ do: fc.constantFrom('spawn', 'report', 'complete', 'kill', 'restart_home', 'restart_spawner') }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 3_000 }) }),
);

test('both ends agree on every agent in the end, and each detached end is announced once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), fc.array(step, { minLength: 5, maxLength: 25 }), async (seed, steps) => {
      await using nodes = world(seed);
      const { clock, worker, home, spawner } = nodes;
      let spawned = 0;
      await nodes.spawn(++spawned);
      for (const action of steps) {
        if ('ms' in action) await clock.advance(action.ms);
        else if ('wire' in action) nodes.setWire(action.wire);
        else if (action.do === 'spawn') await nodes.spawn(++spawned);
        else if (action.do === 'report')
          worker.runs.at(-1)?.hooks.onReport({ pid: 7, usage: { ...noUsage, tokensIn: clock.now() % 1_000_000 } });
        else if (action.do === 'complete') worker.runs.at(-1)?.complete('done');
        else if (action.do === 'kill') await nodes.host().kill(nodes.host().running()[0]?.id ?? testAgent(404).id);
        else if (action.do === 'restart_home') await nodes.restartHome();
        else await nodes.restartSpawner();
      }
      nodes.setWire('good');
      await clock.advance(40_000);
      const byId = (a: { id: string }, b: { id: string }) => a.id.localeCompare(b.id);
      const [rows, mirrors] = await Promise.all(
        [home, spawner].map(async ({ stores }) => (await stores.agents.list({ limit: 1_000 })).sort(byId)),
      );
      expect(rows).toHaveLength(spawned);
      expect(mirrors).toEqual(rows);
      const open = mirrors?.filter(({ endedAt }) => endedAt === null) ?? [];
      const shown = nodes.tree().roots.map(({ agentId }) => agentId);
      expect([...shown].sort()).toEqual(open.map(({ id }) => id));
      const mail = await spawner.stores.mail.list(spawnerId, DEFAULT_ANNOUNCE_TO, { limit: 1_000 });
      const announced = mail.map(({ contextId }) => contextId).sort();
      expect(announced).toEqual(mirrors?.filter(({ endedAt }) => endedAt !== null).map(({ id }) => id));
    }),
    { numRuns: 60 },
  );
});
