import { AgentId, DirectiveId, FIRST_REMOTE_PID, FullProcessTree, NodeId, noUsage, type Usage } from '@skein/contracts';
import { createFakeClock } from '@skein/contracts/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { noProgramUsage } from './accounting.ts';
import { createLocalKernel } from './local-kernel.ts';
import { createRemoteKernel } from './remote-processes.ts';

const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const agent = (n: number) => AgentId.parse(uuid(n));
const directive = (n: number) => DirectiveId.parse(uuid(1_000 + n));
const node = (letter: string) => NodeId.parse(letter.repeat(26));
const [self, near, far] = [node('a'), node('b'), node('c')];
const usage = (tokensIn: number, peakMemoryBytes = 0): Usage => ({ ...noUsage, tokensIn, peakMemoryBytes });

function setUp() {
  const clock = createFakeClock(0);
  const local = createLocalKernel({ hostId: 'host', clock });
  const kernel = createRemoteKernel({ local, clock });
  const register = (n: number, nodeId = near, parent?: DirectiveId) =>
    kernel.registerRemoteProcess({
      agentId: agent(n),
      nodeId,
      label: `agent ${n}`,
      startedAt: '1970-01-01T00:00:00.000Z',
      ...(parent && { parentDirectiveId: parent }),
    });
  return { clock, local, kernel, register };
}

describe('a remote process', () => {
  test('has a PID from 900,000 on, the same one however often it is registered, and never another’s', () => {
    const { kernel, register } = setUp();
    expect([register(1), register(2), register(1)]).toEqual([FIRST_REMOTE_PID, FIRST_REMOTE_PID + 1, FIRST_REMOTE_PID]);
    kernel.unregisterRemoteProcess(agent(1));
    expect(register(3)).toBe(FIRST_REMOTE_PID + 2);
    expect(kernel.findRemoteProcess(agent(1))).toBeUndefined();
  });

  test('that has ended is gone from the tree at once, and its exit is kept for a while', () => {
    const { clock, kernel, register } = setUp();
    register(1);
    kernel.syncRemoteResources([{ agentId: agent(1), usage: usage(5) }]);
    expect(kernel.getFullProcessTree(self)).toMatchObject({ remote: 1, roots: [{ pid: FIRST_REMOTE_PID }] });
    expect(kernel.unregisterRemoteProcess(agent(1), { state: 'failed', exitCode: 3, signal: null })).toBe(true);
    expect(kernel.unregisterRemoteProcess(agent(1))).toBe(false);
    expect(kernel.getFullProcessTree(self)).toMatchObject({ remote: 0, roots: [] });
    expect(kernel.recentExits()).toEqual([
      {
        ...{ agentId: agent(1), nodeId: near, label: 'agent 1', startedAt: '1970-01-01T00:00:00.000Z' },
        ...{ pid: FIRST_REMOTE_PID, usage: usage(5), endedAt: new Date(clock.now()).toISOString() },
        exit: { state: 'failed', exitCode: 3, signal: null },
      },
    ]);
  });

  test('is remembered among the last hundred that ended', () => {
    const { kernel, register } = setUp();
    for (let n = 1; n <= 150; n++) {
      register(n);
      kernel.unregisterRemoteProcess(agent(n));
    }
    const exits = kernel.recentExits();
    expect([exits.length, exits[0]?.agentId, exits.at(-1)?.agentId]).toEqual([100, agent(150), agent(51)]);
    expect(kernel.getAggregatedResources().remote.finished).toBe(150);
  });

  test('that comes back is not counted twice', () => {
    const { kernel, register } = setUp();
    register(1);
    kernel.syncRemoteResources([{ agentId: agent(1), usage: usage(5) }]);
    kernel.unregisterRemoteProcess(agent(1));
    register(1);
    kernel.syncRemoteResources([{ agentId: agent(1), usage: usage(7) }]);
    expect(kernel.getAggregatedResources().remote).toEqual({ running: 1, finished: 0, usage: usage(7), resets: 0 });
    expect(kernel.recentExits()).toEqual([]);
  });
});

describe('the full tree', () => {
  test('shows remote agents under the local process that spawned them, and the others at the top', () => {
    const { local, kernel, register } = setUp();
    const spawner = { agentId: agent(50), directiveId: directive(1) };
    local.tree.register({ pid: 10, runId: `${agent(50)}/2`, label: 'spawner', startedAt: 0, agent: spawner });
    local.tree.register({ pid: 11, parentPid: 10, runId: `${agent(50)}/2`, label: 'sh', startedAt: 0 });
    local.tree.register({ pid: 20, runId: `${directive(2)}/1`, label: 'program', startedAt: 0 });
    local.tree.update(10, { cpuMs: 1.4, memoryBytes: 5, peakMemoryBytes: 6 });
    register(1, near, directive(1));
    register(2, far, directive(2));
    register(3, far, directive(3));
    register(4, far);
    const tree = kernel.getFullProcessTree(self);
    expect(FullProcessTree.parse(tree)).toEqual(tree);
    expect(tree).toMatchObject({ nodeId: self, local: 3, remote: 4 });
    const shape = (branches: typeof tree.roots): unknown[] =>
      branches.map(({ kind, label, nodeId, children }) => [kind, label, nodeId, shape(children)]);
    expect(shape(tree.roots)).toEqual([
      [
        'local',
        'spawner',
        self,
        [
          ['local', 'sh', self, []],
          ['remote', 'agent 1', near, []],
        ],
      ],
      ['local', 'program', self, [['remote', 'agent 2', far, []]]],
      ['remote', 'agent 3', far, []],
      ['remote', 'agent 4', far, []],
    ]);
    expect(tree.roots[0]).toMatchObject({ agentId: agent(50), cpuMs: 1, runId: `${agent(50)}/2` });
    expect(tree.roots[1]).toMatchObject({ agentId: null });
  });
});

describe('figures', () => {
  test('of other nodes stand beside this one’s own, never in them', () => {
    const { local, kernel, register } = setUp();
    local.accounting.finish('mine', { ...noProgramUsage, tokensIn: 3 });
    local.tree.register({ pid: 10, runId: 'run', label: 'p', startedAt: 0 });
    register(1);
    register(2, far);
    register(3, far);
    kernel.syncRemoteResources([1, 2, 3].map((n) => ({ agentId: agent(n), usage: usage(100 * n, n) })));
    kernel.unregisterRemoteProcess(agent(3));
    const { local: own, nodes, remote } = kernel.getAggregatedResources();
    expect(own.tokensIn).toBe(3);
    expect(local.accounting.totals().tokensIn).toBe(3);
    expect(nodes).toEqual([
      { nodeId: near, running: 1, finished: 0, usage: usage(100, 1), resets: 0 },
      { nodeId: far, running: 1, finished: 1, usage: usage(500, 3), resets: 0 },
    ]);
    expect(remote).toEqual({ running: 2, finished: 1, usage: usage(600, 3), resets: 0 });
    expect(kernel.getSwarmTopology(self)).toEqual([
      { nodeId: self, isSelf: true, running: 1, usage: usage(3) },
      { nodeId: near, isSelf: false, running: 1, usage: usage(100, 1) },
      { nodeId: far, isSelf: false, running: 1, usage: usage(500, 3) },
    ]);
  });

  test('that are synced twice count once, and a reset is seen', () => {
    const { kernel, register } = setUp();
    register(1);
    const reading = { agentId: agent(1), usage: usage(100) };
    kernel.syncRemoteResources([reading, reading]);
    kernel.syncRemoteResources([reading]);
    expect(kernel.getAggregatedResources().remote).toMatchObject({ usage: { tokensIn: 100 }, resets: 0 });
    kernel.syncRemoteResources([{ agentId: agent(1), usage: usage(40) }]);
    expect(kernel.getAggregatedResources().remote).toMatchObject({ usage: { tokensIn: 140 }, resets: 1 });
  });

  test('of an agent that is not in the tree are passed over, as are those that were overtaken', () => {
    const { kernel, register } = setUp();
    register(1);
    kernel.syncRemoteResources([{ agentId: agent(9), usage: usage(100) }]);
    kernel.syncRemoteResources([{ agentId: agent(1), usage: usage(100), version: 4 }]);
    kernel.syncRemoteResources([{ agentId: agent(1), usage: usage(60), version: 3 }]);
    expect(kernel.getAggregatedResources().remote).toMatchObject({ usage: { tokensIn: 100 }, resets: 0 });
  });
});

/** The lives of one agent's counter: what each reading adds. A new life is known by its first reading, below the last. */
const lives = fc.array(fc.record({ anew: fc.boolean(), grows: fc.nat({ max: 50 }), repeats: fc.nat({ max: 3 }) }), {
  maxLength: 12,
});

test('however readings of several agents follow each other, are repeated or begin anew, totals are the sum of growth', () => {
  fc.assert(
    fc.property(fc.array(lives, { minLength: 1, maxLength: 4 }), fc.infiniteStream(fc.nat()), (agents, chance) => {
      const { kernel, register } = setUp();
      let grown = 0;
      let resets = 0;
      const queues = agents.map((steps, n) => {
        register(n, n % 2 ? near : far);
        let at = 0;
        return steps.flatMap(({ anew, grows, repeats }) => {
          if (anew && grows < at) {
            at = grows;
            resets += 1;
          } else at += grows;
          grown += grows;
          const reading = { agentId: agent(n), usage: usage(at) };
          return Array(repeats + 1).fill(reading);
        });
      });
      for (let left = queues.filter((queue) => queue.length > 0); left.length > 0; ) {
        const queue = left[(chance.next().value ?? 0) % left.length];
        kernel.syncRemoteResources(queue?.splice(0, 1) ?? []);
        left = queues.filter((queue) => queue.length > 0);
      }
      const { nodes, remote } = kernel.getAggregatedResources();
      expect([remote.usage.tokensIn, remote.resets]).toEqual([grown, resets]);
      expect(nodes.reduce((sum, of) => sum + of.usage.tokensIn, 0)).toBe(grown);
    }),
  );
});

test('in whatever order readings with versions come, the latest one counts', () => {
  const versions = fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { minLength: 1 });
  fc.assert(
    fc.property(versions, (order) => {
      const { kernel, register } = setUp();
      register(1);
      kernel.syncRemoteResources(order.map((version) => ({ agentId: agent(1), usage: usage(version * 7), version })));
      const { usage: total, resets } = kernel.getAggregatedResources().remote;
      expect([total.tokensIn, resets]).toEqual([Math.max(...order) * 7, 0]);
    }),
  );
});
