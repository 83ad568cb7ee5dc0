/** What people see on a terminal of 80 columns: forty nodes, names of 63 characters, and no line that is broken. */
import type { AgentBranch, AgentView, ProcessBranch } from '@skein/contracts';
import { expect, test } from 'vitest';
import { displayWidth } from './output/text-width.ts';
import { completed, detail, directive, ID, nodeView, ONE, type Reply, skein, TWO } from './testing/fake-node.ts';
import { AGENT, AT, agent, node, nothing, topologyOf, usage, usageOf } from './testing/samples.ts';

const long = (prefix: string) => prefix.padEnd(63, 'x');
const names = Array.from({ length: 40 }, (_, index) => long(`node-${index}-`));
const busy: typeof usage = {
  ...usage,
  tokensIn: 1_234_567,
  tokensOut: 1_234_567,
  costMicroUsd: 98_765_432,
  cpuMs: 7_500_000,
};
const wordy: Partial<AgentView> = { name: long('agent-'), progress: 'reads '.repeat(40), usage: busy };

const branch: AgentBranch = {
  ...{ agent: agent(wordy), totals: busy, agents: 2 },
  children: [{ agent: agent(wordy), totals: busy, agents: 1, children: [] }],
};
const process: ProcessBranch = {
  ...{ pid: 900_000, kind: 'remote', nodeId: TWO, runId: 'r', agentId: AGENT, label: long('agent-'), startedAt: AT },
  ...{ cpuMs: 7_500_000, memoryBytes: 64e6, peakMemoryBytes: 64e6, children: [] },
};
const nodes = [
  { ...nodeView(ONE, long('me-')), group: 'g'.repeat(63), capabilities: ['gpu', 'x'.repeat(60)], tier: 'root' },
  nodeView(TWO, long('other-')),
];

const replies: Record<string, Reply> = {
  'GET /nodes': { body: { nodes } },
  'GET /agents': {
    body: {
      agents: names.map(() => ({ agent: agent({ ...wordy, state: 'interrupted', endedAt: AT }), pid: 900_000 })),
    },
  },
  'GET /report': {
    body: {
      ...{ since: AT, until: AT, totalNodes: 40, onlineNodes: 40, totals: busy },
      nodes: names.map((name, index) => usageOf(name, index < 20 ? busy : nothing, index % 2 === 0)),
    },
  },
  'GET /topology': {
    body: topologyOf(
      names.map((name, index) =>
        node(
          name,
          index < 9 ? { agents: [agent(wordy)], usage: busy, group: 'g'.repeat(63), answered: index > 3 } : {},
        ),
      ),
      [{ spawnedBy: ONE, totals: busy, roots: [branch] }],
    ),
  },
  'GET /processes': {
    body: { nodeId: ONE, at: AT, local: 0, remote: 2, roots: [{ ...process, children: [process] }] },
  },
  'GET /directives': {
    body: { directives: names.map(() => directive({ payload: { command: ['cat', 'x'.repeat(200)] } })) },
  },
  [`GET /directives/${ID}`]: { body: detail },
};

test.each([['nodes'], ['agents --all'], ['report'], ['topology'], ['topology --processes'], ['directives']])(
  '%s breaks no line at 80 columns',
  async (line) => {
    const { code, out } = await skein(line.split(' '), replies, { columns: 80 });
    expect(code).toBe(0);
    const lines = out.split('\n');
    expect(lines.filter((each) => displayWidth(each) > 80)).toEqual([]);
    expect(lines.length).toBeGreaterThan(2);
  },
);

test('a report without room leaves out the peak memory before anything else, and says it where there is room', async () => {
  const headOf = async (columns: number) =>
    (await skein(['report', '--no-color'], replies, { columns })).out.split('\n')[0];
  expect(await headOf(80)).not.toContain('peak memory');
  expect(await headOf(80)).toContain('cost');
  expect(await headOf(200)).toContain('peak memory');
});

test('a name that is cut keeps its star, and what is told wide is told whole', async () => {
  const { out } = await skein(['report', '--no-color'], replies, { columns: 80 });
  expect(out).toMatch(/^node-1-x+…\S*\* +\S*online/m);
  expect((await skein(['nodes', '--wide'], replies, { columns: 80 })).out).toContain('g'.repeat(63));
});

test('where a program reads nothing is cut', async () => {
  const { out } = await skein(['topology'], replies);
  expect(out).toContain(names[0]);
  expect(out).toContain('reads '.repeat(40).trim());
});

test('an answer to a broadcast is cut where it completed, and told whole where it failed', async () => {
  const told = (status: 'completed' | 'failed') => {
    const error = { reason: 'r', message: 'm'.repeat(200) };
    const result = { ...completed, status, output: 'o'.repeat(200), ...(status === 'failed' && { error }) };
    return { type: 'update', nodeId: TWO, update: { type: 'result', directiveId: ID, result } };
  };
  const summary = { broadcastId: ID, total: 2, completed: 1, failed: 1, open: 0, skipped: [] };
  const events = [told('completed'), told('failed'), { type: 'ended', summary }];
  const body = events.map((event) => `event: x\ndata: ${JSON.stringify(event)}\n\n`).join('');
  const line = ['broadcast', '--kind', 'query_resources'];
  const { out } = await skein(line, { ...replies, 'POST /broadcast': { body } }, { columns: 80 });
  const [short = '', whole = ''] = out.split('\n');
  expect(displayWidth(short)).toBe(80);
  expect(whole).toContain('m'.repeat(200));
});
