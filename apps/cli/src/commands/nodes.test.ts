/** What `skein nodes` tells beyond names: what nodes have, and why they are out of work. */
import type { EligibilityNote, NodeHealth, NodeView } from '@skein/contracts';
import { expect, test } from 'vitest';
import { failing, nodeView, ONE, type Reply, skein, TWO } from '../testing/fake-node.ts';
import { decided } from '../testing/samples.ts';

const note: EligibilityNote = {
  ...{ reason: 'a new\u001b[2J disk', actor: ONE, origin: 'operator', since: '2026-01-01T00:00:00.000Z' },
  ...{ deadlineAt: '2026-01-01T00:10:05.000Z', force: false },
};
const draining: NodeView = {
  ...nodeView(TWO, 'node-2'),
  ...{ status: 'draining', eligibility: 'draining', group: 'lab', tier: 'sudo', capabilities: ['gpu'] },
  ...{ labels: { zone: 'a' }, kinds: ['execute_task', 'spawn_agent'] },
};
const health: NodeHealth = {
  ...{ nodeId: TWO, name: 'node-2', status: 'draining', grade: 'warning' },
  checks: [
    { name: 'cpu', grade: 'warning', value: 91.2, unit: '%', warning: 90, critical: 98 },
    { name: 'silence', grade: 'unknown', value: null, unit: 'ms', warning: 45_000, critical: 90_000 },
  ],
};
const replies: Record<string, Reply> = {
  'GET /nodes': { body: { nodes: [nodeView(ONE, 'node-1'), draining] } },
  [`GET /nodes/${TWO}/eligibility`]: { body: decided('draining', { note, running: 2 }) },
  [`GET /nodes/${TWO}/health`]: { body: health },
};

test('what some node has stands in a column of its own', async () => {
  const { out } = await skein(['nodes'], replies);
  const [head, first, second] = out.split('\n');
  expect(head).toMatch(/^node +status +group +tier +capabilities +address +last beat +id$/);
  expect(first).toMatch(/^node-1 \(this\) +online +– +unprivileged +– +http/);
  expect(second).toMatch(/^node-2 +draining +lab +sudo +gpu +http/);
});

test('what none has does so only where that is asked for', async () => {
  expect((await skein(['nodes'])).out).toMatch(/^node +status +address/);
  expect((await skein(['nodes', '--wide'])).out).toMatch(/^node +status +group +tier +capabilities +address/);
});

test('who is out of work is told with why, and listed where that is not known', async () => {
  const { out } = await skein(['nodes'], replies);
  const why = '“a new�[2J disk”, decided by node-1, 5 s ago, what runs has 10 min left';
  expect(out.split('\n').slice(-3)).toEqual(['', `node-2 is draining: ${why}`, '']);
  const unknown = await skein(['nodes'], { ...replies, [`GET /nodes/${TWO}/eligibility`]: failing('internal', 500) });
  expect(unknown).toMatchObject({ code: 0, err: '' });
  expect(unknown.out).not.toContain('node-2 is draining');
});

test('one node is shown with all that is known of it', async () => {
  const { code, out } = await skein(['nodes', 'node-2'], replies);
  expect(code).toBe(0);
  for (const words of [TWO, 'lab', 'sudo', 'zone=a', 'gpu', 'execute_task, spawn_agent', '4 at once', 'a new�[2J disk'])
    expect(out).toContain(words);
  expect(out).toContain('2 still running');
  expect(out).toMatch(/cpu +warning +91 % +warning from 90 %, critical from 98 %/);
  expect(out).toMatch(/silence +unknown +– +warning from 45.0 s/);
  const json = JSON.parse((await skein(['nodes', 'node-2', '--json'], replies)).out);
  expect(json).toMatchObject({
    node: { name: 'node-2' },
    eligibility: { note: { actor: ONE } },
    health: { grade: 'warning' },
  });
  expect((await skein(['nodes', 'node-9'], replies)).code).toBe(4);
});
