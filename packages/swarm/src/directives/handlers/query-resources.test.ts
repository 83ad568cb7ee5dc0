import { AgentId, DirectiveId, NodeId, noUsage, QueryResourcesOutput } from '@skein/contracts';
import { createFakeClock } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import type { AgentStore } from '../../agents/agent-store.ts';
import { createInMemoryAgentStore } from '../../agents/in-memory-agent-store.ts';
import { queryResources } from './query-resources.ts';

const self = NodeId.parse('a'.repeat(26));
const other = NodeId.parse('b'.repeat(26));
const directiveId = DirectiveId.parse('00000000-0000-4000-8000-000000000001');
const idOf = (n: number) => AgentId.parse(`00000000-0000-4000-8000-00000000000${n}`);
const metrics = {
  ...{ cpuPercent: 1, memoryUsedBytes: 1, memoryTotalBytes: 2, diskUsedBytes: 3, diskTotalBytes: 4 },
  ...{ activeProcesses: 0, runningDirectives: 1, queuedDirectives: 0, uptimeMs: 5, ...noUsage },
};

async function world() {
  const clock = createFakeClock();
  const agents = createInMemoryAgentStore({ clock });
  const row = { spawnedBy: other, directiveId, parentDirectiveId: null, agentType: 'worker', name: 'worker' };
  const open = (n: number, nodeId = self) => agents.open({ id: idOf(n), nodeId, mode: 'detach', ...row });
  const end = (n: number) => {
    const result = { response: 'a secret', exitCode: 0, signal: null, truncated: false };
    return agents.end(idOf(n), { state: 'completed', result, usage: { ...noUsage, tokensIn: n } });
  };
  const running = await open(1);
  for (const n of [2, 3]) await open(n);
  await open(4, other);
  await end(2);
  await clock.advance(3_600_000);
  await end(3);
  await end(4);
  await clock.advance(1);
  const host = { running: () => [{ ...running, state: 'running' as const, progress: 'reads a secret' }] };
  const read: AgentId[] = [];
  const watched: Pick<AgentStore, 'list' | 'find'> = {
    async list(filter) {
      const listed = await agents.list(filter);
      read.push(...listed.flatMap(({ id, result }) => (result ? [id] : [])));
      return listed;
    },
    async find(id) {
      read.push(id);
      return agents.find(id);
    },
  };
  const handle = queryResources({
    ...{ self, host, agents: watched, clock, processes: () => [], readMetrics: async () => metrics },
  });
  const context = {
    ...{ directiveId, parentDirectiveId: null, sourceNodeId: other, effect: 'alo' as const, epoch: 1 },
    ...{ signal: new AbortController().signal, output: () => {} },
  };
  const ask = async (since?: number) => {
    const payload = since === undefined ? {} : { since: new Date(since).toISOString() };
    return QueryResourcesOutput.parse((await handle(payload, context)).output);
  };
  return { ask, clock, read };
}

test('it tells the agents that run here and those that ended here in the last hour, with what they used', async () => {
  const { ask } = await world();
  const { agents } = await ask();
  expect(agents.map(({ id, state }) => [id, state])).toEqual([
    [idOf(1), 'running'],
    [idOf(3), 'completed'],
  ]);
  expect(agents[1]?.usage.tokensIn).toBe(3);
});

test('asked since a moment it tells what ended from then on', async () => {
  const { ask, clock } = await world();
  expect((await ask(clock.now() - 3_600_001)).agents.map(({ id }) => id)).toEqual([idOf(1), idOf(3), idOf(2)]);
  expect((await ask(clock.now())).agents.map(({ id }) => id)).toEqual([idOf(1)]);
});

test('it tells how agents ended, and reads nothing of what those said that it does not tell of', async () => {
  const { ask, read } = await world();
  const { agents } = await ask();
  expect(agents[1]).toMatchObject({ result: { exitCode: 0, response: '', truncated: true } });
  expect(read).toEqual([idOf(3)]);
});

test('what agents say is not told to whoever asks what they use', async () => {
  const { ask } = await world();
  expect(JSON.stringify(await ask())).not.toContain('secret');
});
