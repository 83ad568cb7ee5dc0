import { FIRST_REMOTE_PID, FullProcessTree, noUsage } from '@skein/contracts';
import { createFakeClock } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import { agentIdOf, directiveIdOf, homeId, spawnerId, testAgent } from '../testing/test-agents.ts';
import { createPlainRemoteProcesses } from './plain-remote-processes.ts';

test('an agent gets one PID from 900,000 on, its figures once, and goes with its end', () => {
  const processes = createPlainRemoteProcesses({ clock: createFakeClock() });
  const agent = testAgent(1);
  const pid = processes.register(agent);
  expect(pid).toBeGreaterThanOrEqual(FIRST_REMOTE_PID);
  expect(processes.register(agent)).toBe(pid);
  expect(processes.register(testAgent(2))).not.toBe(pid);

  const later = testAgent(1, { version: 2, usage: { ...noUsage, cpuMs: 40, peakMemoryBytes: 9 } });
  for (const told of [later, later, agent]) processes.sync(told);
  const tree = FullProcessTree.parse(processes.tree(spawnerId));
  expect(tree).toMatchObject({ nodeId: spawnerId, local: 0, remote: 2 });
  expect(tree.roots[0]).toMatchObject({ pid, kind: 'remote', nodeId: homeId, cpuMs: 40, peakMemoryBytes: 9 });

  processes.unregister(agent.id);
  processes.unregister(agent.id);
  expect(processes.pidOf(agent.id)).toBeUndefined();
  processes.sync(later);
  expect(processes.tree(spawnerId).remote).toBe(1);
});

test('agents stand below the agent that spawned them, and at the root where that one is not here', () => {
  const processes = createPlainRemoteProcesses({ clock: createFakeClock() });
  const below = (n: number, parent: number) => testAgent(n, { parentDirectiveId: directiveIdOf(parent) });
  for (const agent of [below(3, 2), below(2, 1), testAgent(1), below(5, 99)]) processes.register(agent);
  const shape = (branches: ReturnType<typeof processes.tree>['roots']): unknown =>
    branches.map(({ agentId, children }) => [agentId, shape(children)]);
  expect(shape(processes.tree(spawnerId).roots)).toEqual([
    [agentIdOf(1), [[agentIdOf(2), [[agentIdOf(3), []]]]]],
    [agentIdOf(5), []],
  ]);
  processes.unregister(agentIdOf(2));
  expect(processes.tree(spawnerId).roots).toHaveLength(3);
});
