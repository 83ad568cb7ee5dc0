import { AgentView, NodeId, noUsage } from '@skein/contracts';
import { createFakeClock } from '@skein/contracts/testing';
import { createLocalKernel, createRemoteKernel } from '@skein/remote-kernel';
import { expect, test } from 'vitest';
import { createRemoteProcesses } from './remote-processes.ts';

const self = NodeId.parse('a'.repeat(26));
const other = NodeId.parse('b'.repeat(26));
const agent = AgentView.parse({
  ...{ id: '00000000-0000-4000-8000-000000000001', nodeId: other, spawnedBy: self },
  ...{ directiveId: '00000000-0000-4000-8000-000000000002', parentDirectiveId: null },
  ...{ agentType: 'index', name: 'indexer', mode: 'detach', state: 'running', pid: 4711, restarts: 0, progress: null },
  ...{
    startedAt: '2026-01-01T00:00:00.000Z',
    endedAt: null,
    usage: { ...noUsage, tokensIn: 5 },
    result: null,
    version: 3,
  },
});

function setUp() {
  const clock = createFakeClock();
  const kernel = createRemoteKernel({ local: createLocalKernel({ hostId: 'host', clock }), clock });
  return { kernel, processes: createRemoteProcesses(kernel) };
}

test('an agent elsewhere is in the tree while it runs, under a PID of its own', () => {
  const { processes } = setUp();
  expect(processes.pidOf(agent.id)).toBeUndefined();
  expect([processes.register(agent), processes.register(agent), processes.pidOf(agent.id)]).toEqual(
    Array(3).fill(900_000),
  );
  processes.sync(agent);
  expect(processes.tree(self)).toMatchObject({
    nodeId: self,
    remote: 1,
    roots: [{ pid: 900_000, kind: 'remote', nodeId: other, agentId: agent.id, label: 'indexer', children: [] }],
  });
  processes.unregister(agent.id);
  expect([processes.pidOf(agent.id), processes.tree(self).roots]).toEqual([undefined, []]);
  processes.unregister(agent.id);
});

test('the same view twice counts once, and one that was overtaken not at all', () => {
  const { kernel, processes } = setUp();
  processes.register(agent);
  processes.sync(agent);
  processes.sync(agent);
  processes.sync({ ...agent, version: 2, usage: noUsage });
  expect(kernel.getAggregatedResources().remote).toMatchObject({ usage: { tokensIn: 5 }, resets: 0 });
});

test('how it ended is what its node told last, if it did', () => {
  const { kernel, processes } = setUp();
  processes.register(agent);
  const result = { response: '', exitCode: null, signal: 'SIGKILL', truncated: false };
  processes.sync({ ...agent, version: 4, state: 'killed', result });
  processes.unregister(agent.id);
  expect(kernel.recentExits()[0]?.exit).toEqual({ state: 'killed', exitCode: null, signal: 'SIGKILL' });
  processes.register(agent);
  processes.unregister(agent.id);
  expect(kernel.recentExits()[0]?.exit).toBeNull();
});
