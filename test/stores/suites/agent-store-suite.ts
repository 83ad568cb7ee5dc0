import { randomUUID } from 'node:crypto';
import { AgentId, type AgentView, noUsage, type Usage } from '@skein/contracts';
import {
  type AgentEnd,
  type AgentProgress,
  endedAgent,
  KEEP_ENDED_AGENTS_MS,
  type NewAgent,
  openedAgent,
  progressedAgent,
} from '@skein/swarm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CreateSubject } from '../subject.ts';
import { DAY_MS, MINUTE_MS, newId, receiver, sender, stranger } from './samples.ts';

const home = receiver;
const usageOf = (own: Partial<Usage>): Usage => ({ ...noUsage, ...own });

/** An agent that the sender spawned at `home`. */
function newAgent(own: Partial<NewAgent> = {}): NewAgent {
  return {
    ...{ id: AgentId.parse(randomUUID()), nodeId: home, spawnedBy: sender, directiveId: newId() },
    ...{ parentDirectiveId: null, agentType: 'claude', name: '42', mode: 'wait', ...own },
  };
}

/** Values that a careless column gives back as something else. */
const completed: AgentEnd = {
  state: 'completed',
  result: { response: '42 a\0b', exitCode: 0, signal: null, truncated: false },
  usage: usageOf({ tokensIn: 7 }),
};

const progresses: [told: AgentProgress, after: Partial<AgentView>][] = [
  [{ state: 'running' }, { state: 'running' }],
  [{ pid: 42 }, { pid: 42 }],
  [{ restarts: 1 }, { restarts: 1 }],
  [{ progress: 'half\0way' }, { progress: 'halfway' }],
  [
    { usage: usageOf({ cpuMs: 5, peakMemoryBytes: 8_000_000_000 }) },
    { usage: usageOf({ cpuMs: 5, peakMemoryBytes: 8_000_000_000 }) },
  ],
  [
    { usage: usageOf({ cpuMs: 3, tokensIn: 1 }) },
    { usage: usageOf({ cpuMs: 5, peakMemoryBytes: 8_000_000_000, tokensIn: 1 }) },
  ],
  [{ pid: null }, { pid: null }],
];

/** What a home tells of one agent, each version of it. */
const history = fc
  .tuple(
    fc.array(fc.record({ pid: fc.integer({ min: 1, max: 99 }), progress: fc.string({ maxLength: 3 }) }), {
      maxLength: 5,
    }),
    fc.boolean(),
  )
  .map(([steps, ends]) => {
    const agent = newAgent();
    const versions = [openedAgent(agent, 1_700_000_000_000)];
    const last = () => versions.at(-1) as AgentView; // it began with one
    for (const { pid, progress } of steps)
      versions.push(progressedAgent(last(), { pid, progress: `${progress}.` }) ?? last());
    if (ends) versions.push(endedAgent(last(), completed, 1_700_000_001_000) ?? last());
    return versions;
  });

export function agentStoreSuite(name: string, createSubject: CreateSubject): void {
  describe(`agent store on ${name}`, () => {
    test('an agent is opened as it came, before anything of it has started', async () => {
      await using subject = await createSubject();
      const { agents, usage } = subject.stores;
      const agent = newAgent({ parentDirectiveId: newId() });
      const opened = await agents.open(agent);
      const unstarted = { state: 'starting', pid: null, endedAt: null, restarts: 0, progress: null, result: null };
      expect(opened).toEqual({ ...agent, ...unstarted, usage: noUsage, version: 1, startedAt: opened.startedAt });
      expect(Math.abs(Date.parse(opened.startedAt) - (await usage.now()))).toBeLessThanOrEqual(subject.driftMs);
      expect(await agents.find(agent.id)).toEqual(opened);
      await expect(agents.open({ ...agent, name: 'other' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
      expect(await agents.find(agent.id)).toEqual(opened);
      expect(await agents.find(newAgent().id)).toBeUndefined();
    });

    test('progress raises the version where something changes, and writes nothing where nothing does', async () => {
      await using subject = await createSubject();
      const { agents } = subject.stores;
      let agent = await agents.open(newAgent());
      for (const [told, after] of progresses) {
        const progressed = await agents.progress(agent.id, told);
        expect(progressed).toEqual({ ...agent, ...after, version: agent.version + 1 });
        await agents.markReported(agent.id, agent.version + 1);
        expect(await agents.progress(agent.id, told)).toEqual(progressed);
        expect(await agents.progress(agent.id, {})).toEqual(progressed);
        expect(await agents.find(agent.id)).toEqual(progressed);
        expect(await agents.listUnreported(home, 10)).toEqual([]);
        agent = progressed ?? agent;
      }
      expect(await agents.progress(newAgent().id, { pid: 1 })).toBeUndefined();
    });

    test.each(['completed', 'failed', 'killed', 'interrupted'] as const)(
      'an agent that was %s stays so',
      async (state) => {
        await using subject = await createSubject();
        const { agents } = subject.stores;
        const { id } = await agents.open(newAgent());
        const running = await agents.progress(id, { state: 'running', usage: usageOf({ tokensIn: 9, toolCalls: 1 }) });
        const ended = await agents.end(id, { ...completed, state });
        const endedAt = ended?.agent.endedAt;
        const usage = usageOf({ tokensIn: 9, toolCalls: 1 });
        expect(ended).toEqual({
          status: 'ended',
          agent: { ...running, state, result: completed.result, usage, endedAt, version: 3 },
        });
        expect(Date.parse(endedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(running?.startedAt ?? ''));
        await subject.advance(MINUTE_MS);
        const again = { ...completed, state: 'killed', usage: usageOf({ tokensIn: 99 }) } as const;
        expect(await agents.end(id, again)).toEqual({ status: 'already_ended', agent: ended?.agent });
        expect(await agents.progress(id, { restarts: 7 })).toBeUndefined();
        expect(await agents.find(id)).toEqual(ended?.agent);
        expect(await agents.end(newAgent().id, completed)).toBeUndefined();
      },
    );

    test('of all who write at once none is lost, and one of those who end it does', async () => {
      await using subject = await createSubject();
      const { agents } = subject.stores;
      const { id } = await agents.open(newAgent());
      const pids = Array.from({ length: 12 }, (_, n) => n + 1);
      const told = await Promise.all(pids.map((n) => agents.progress(id, { pid: n, usage: usageOf({ tokensIn: n }) })));
      expect(told.map((agent) => agent?.version).toSorted((a = 0, b = 0) => a - b)).toEqual(pids.map((n) => n + 1));
      expect(await agents.find(id)).toMatchObject({ version: 13, usage: { tokensIn: 12 } });
      const ends = await Promise.all(pids.map(() => agents.end(id, completed)));
      expect(ends.filter((end) => end?.status === 'ended')).toHaveLength(1);
      for (const end of ends) expect(end?.agent).toEqual(ends[0]?.agent);
    });

    test('agents are listed newest first, by where they run, who spawned them and how they are', async () => {
      await using subject = await createSubject();
      const { agents } = subject.stores;
      const ids: AgentId[] = [];
      const directiveId = newId();
      for (const own of [{}, { spawnedBy: stranger }, { nodeId: sender, spawnedBy: home }, { directiveId }]) {
        ids.push((await agents.open(newAgent(own))).id);
        await subject.advance(MINUTE_MS);
      }
      const [first, second, third, fourth] = ids as [AgentId, AgentId, AgentId, AgentId];
      await agents.progress(second, { state: 'running' });
      await agents.end(first, completed);
      const listed = async (filter: object) => (await agents.list({ limit: 10, ...filter })).map(({ id }) => id);
      expect(await listed({})).toEqual([fourth, third, second, first]);
      expect(await listed({ limit: 2 })).toEqual([fourth, third]);
      expect(await listed({ nodeId: home })).toEqual([fourth, second, first]);
      expect(await listed({ spawnedBy: sender })).toEqual([fourth, first]);
      expect(await listed({ directiveId })).toEqual([fourth]);
      expect(await listed({ state: 'running' })).toEqual([second]);
      expect(await listed({ open: true, nodeId: home })).toEqual([fourth, second]);
      expect(await listed({ open: true, state: 'completed' })).toEqual([]);
      const all = await agents.list({ limit: 10 });
      expect(all.filter(({ result }) => result !== null)).toHaveLength(1);
      expect(await agents.list({ limit: 10, withoutResult: true })).toEqual(
        all.map((agent) => ({ ...agent, result: null })),
      );
      expect(await agents.countOpen(home)).toBe(2);
      expect(await agents.countOpen(stranger)).toBe(0);
    });

    test('a mirror comes to hold the latest version, in whatever order and however often they are told', async () => {
      await using subject = await createSubject();
      const { agents } = subject.stores;
      const told = history.chain((versions) =>
        fc.tuple(fc.shuffledSubarray([...versions, ...versions], { minLength: versions.length }), fc.boolean()),
      );
      await fc.assert(
        fc.asyncProperty(told, async ([order, atOnce]) => {
          if (atOnce) await Promise.all(order.map((version) => agents.mirror(version)));
          else {
            let highest = 0;
            for (const version of order) {
              const isNews = version.version > highest;
              expect(await agents.mirror(version)).toEqual(isNews ? version : undefined);
              highest = Math.max(highest, version.version);
            }
          }
          const latest = order.reduce((a, b) => (b.version > a.version ? b : a));
          expect(await agents.find(latest.id)).toEqual(latest);
        }),
        { numRuns: 25 },
      );
    });

    test('in a database that two nodes share a mirror of its own row changes nothing', async () => {
      await using subject = await createSubject();
      const { agents } = subject.stores;
      const opened = await agents.open(newAgent({ mode: 'detach' }));
      const { agent } = (await agents.end(opened.id, completed)) ?? {};
      expect(agent && (await agents.mirror(agent))).toBeUndefined();
      expect(await agents.mirror(opened)).toBeUndefined();
      expect(await agents.listUnreported(home, 10)).toEqual([agent]);
      expect(await agents.listUnannounced(sender, 10)).toEqual([agent]);
    });

    test('a mirror moves no agent to other nodes, and revives none', async () => {
      await using subject = await createSubject();
      const { agents } = subject.stores;
      const view = openedAgent(newAgent(), 1_700_000_000_000);
      await agents.mirror(view);
      expect(await agents.mirror({ ...view, nodeId: stranger, version: 5 })).toBeUndefined();
      expect(await agents.mirror({ ...view, spawnedBy: stranger, version: 5 })).toBeUndefined();
      const ended = {
        ...view,
        state: 'killed',
        endedAt: view.startedAt,
        result: completed.result,
        version: 6,
      } as const;
      expect(await agents.mirror(ended)).toEqual(ended);
      expect(await agents.mirror({ ...view, state: 'running', version: 7 })).toBeUndefined();
      expect(await agents.find(view.id)).toEqual(ended);
      expect(await agents.listUnreported(home, 10)).toEqual([]);
    });

    test('what a spawner has not confirmed is reported, the oldest change first', async () => {
      await using subject = await createSubject();
      const { agents } = subject.stores;
      const [one, two, three] = [newAgent(), newAgent({ spawnedBy: stranger }), newAgent()];
      for (const agent of [one, two, three, newAgent({ spawnedBy: home }), newAgent({ nodeId: stranger })]) {
        await agents.open(agent);
        await subject.advance(MINUTE_MS);
      }
      const unreported = async (...rest: [limit: number, except?: Parameters<typeof agents.listUnreported>[2]]) =>
        (await agents.listUnreported(home, ...rest)).map(({ id }) => id);
      expect(await unreported(10)).toEqual([one.id, two.id, three.id]);
      expect(await unreported(1)).toEqual([one.id]);
      expect(await unreported(1, { spawners: [sender] })).toEqual([two.id]);
      expect(await unreported(10, { agents: [one.id, two.id] })).toEqual([three.id]);
      expect(await unreported(10, { spawners: [], agents: [] })).toHaveLength(3);
      await agents.progress(one.id, { pid: 1 });
      expect(await unreported(10)).toEqual([two.id, three.id, one.id]);
      await agents.markReported(one.id, 1);
      expect(await unreported(10)).toEqual([two.id, three.id, one.id]);
      for (const version of [2, 1]) await agents.markReported(one.id, version);
      await agents.markReported(three.id, 99);
      expect(await unreported(10)).toEqual([two.id]);
      for (const { id } of [one, three]) await agents.end(id, completed);
      expect(await unreported(10)).toEqual([two.id, one.id, three.id]);
    });

    test('the ends of detached agents are announced by their spawner, once each, the oldest first', async () => {
      await using subject = await createSubject();
      const { agents } = subject.stores;
      const [one, two] = [newAgent({ mode: 'detach' }), newAgent({ mode: 'detach', nodeId: stranger })];
      for (const agent of [
        one,
        two,
        newAgent({ mode: 'detach' }),
        newAgent(),
        newAgent({ mode: 'detach', spawnedBy: home }),
      ])
        await agents.open(agent);
      const [, , open] = await agents.list({ limit: 10 });
      for (const { id } of [two, one, ...(await agents.list({ limit: 10 })).filter(({ id }) => id !== open?.id)]) {
        await agents.end(id, completed);
        await subject.advance(MINUTE_MS);
      }
      const unannounced = async (limit = 10) => (await agents.listUnannounced(sender, limit)).map(({ id }) => id);
      expect(await unannounced()).toEqual([two.id, one.id]);
      expect(await unannounced(1)).toEqual([two.id]);
      for (let time = 0; time < 2; time += 1) await agents.markAnnounced(two.id);
      expect(await unannounced()).toEqual([one.id]);
      expect((await agents.listUnannounced(home, 10)).map(({ spawnedBy }) => spawnedBy)).toEqual([home]);
    });

    test('what ended a month ago is forgotten, but for what is still to be told', async () => {
      await using subject = await createSubject();
      const { agents } = subject.stores;
      const kept = [
        newAgent(), // its spawner was not told
        newAgent({ spawnedBy: home, mode: 'detach' }), // not announced
        newAgent({ nodeId: stranger, spawnedBy: sender }), // not of this node
        newAgent({ spawnedBy: home }), // has not ended
      ];
      const told = newAgent();
      const announced = newAgent({ spawnedBy: home, mode: 'detach' });
      const mirrored = { ...openedAgent(newAgent({ nodeId: sender, spawnedBy: home }), 0), ...completed, version: 2 };
      for (const agent of [...kept, told, announced]) await agents.open(agent);
      for (const { id } of [...kept.slice(0, 3), told, announced]) await agents.end(id, completed);
      await agents.mirror({ ...mirrored, endedAt: new Date(0).toISOString() });
      await agents.markReported(told.id, 2);
      await agents.markAnnounced(announced.id);
      await subject.advance(KEEP_ENDED_AGENTS_MS - DAY_MS);
      expect(await agents.purge(home)).toBe(0);
      await subject.advance(2 * DAY_MS);
      expect(await agents.purge(home)).toBe(3);
      expect((await agents.list({ limit: 10 })).map(({ id }) => id).toSorted()).toEqual(
        kept.map(({ id }) => id).toSorted(),
      );
    });
  });
}
