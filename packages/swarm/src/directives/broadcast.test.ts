import { type BroadcastUpdate, type DispatchInput, noUsage } from '@skein/contracts';
import { expect, test } from 'vitest';
import { createTestSwarm, type TestMember, type TestSwarm } from '../testing/index.ts';
import { awaited, startJoined } from '../testing/test-members.ts';

const query = { kind: 'query_resources', payload: {} } as const satisfies Omit<DispatchInput, 'target'>;

async function started(swarm: TestSwarm, count: number): Promise<[TestMember, ...TestMember[]]> {
  return startJoined(swarm, {}, ...Array.from({ length: count - 1 }, () => ({})));
}
const idsOf = (members: readonly TestMember[]) => members.map(({ identity }) => identity.nodeId).sort();

test('each target has a row and an id of its own under one broadcast, with the priority and the time that were asked for', async () => {
  await using swarm = await createTestSwarm();
  const [sender, ...others] = await started(swarm, 4);
  const { summary, directives } = await awaited(
    swarm,
    sender.node.broadcast({ ...query, priority: 'high', ttlMs: 45_000 }),
  );
  expect(summary).toMatchObject({ total: 3, completed: 3, failed: 0, open: 0, skipped: [] });
  expect(directives.map(({ targetNodeId }) => targetNodeId).sort()).toEqual(idsOf(others));
  expect(new Set(directives.map(({ id }) => id)).size).toBe(3);
  const stored = await sender.stores.outbox.listBroadcast(sender.identity.nodeId, summary.broadcastId);
  expect(stored.map(({ id }) => id)).toEqual(directives.map(({ id }) => id));
  for (const row of stored) {
    expect(row).toMatchObject({ priority: 'high', ttlMs: 45_000, state: 'completed' });
    const there = others.find(({ identity }) => identity.nodeId === row.targetNodeId);
    const key = { sourceNodeId: sender.identity.nodeId, id: row.id };
    expect(await there?.stores.inbox.find(key)).toMatchObject({ state: 'completed', priority: 'high' });
  }
  expect(await sender.node.getBroadcast(summary.broadcastId)).toEqual({ summary, directives });
});

test('who fails is told apart from who completes, and results come as they are there', async () => {
  await using swarm = await createTestSwarm();
  const [sender, quick, failing, slow] = await started(swarm, 4);
  if (!quick || !failing || !slow) throw new Error('four were started');
  failing.node.registerHandler('query_resources', async () => ({
    ...{ status: 'failed', usage: noUsage },
    error: { reason: 'out_of_order', message: 'not today' },
  }));
  let answerSlowly = () => {};
  const slowly = new Promise<void>((resolve) => {
    answerSlowly = resolve;
  });
  slow.node.registerHandler('query_resources', async () => {
    await slowly;
    return { status: 'completed', output: 'late', usage: noUsage };
  });
  const updates: BroadcastUpdate[] = [];
  const results = () =>
    updates.flatMap((each) => (each.type === 'update' && each.update.type === 'result' ? [each.nodeId] : []));
  const streaming = (async () => {
    for await (const update of sender.node.broadcastStream(query)) updates.push(update);
  })();
  await swarm.until(() => results().length === 2);
  expect(results().sort()).toEqual(idsOf([quick, failing]));
  answerSlowly();
  await awaited(swarm, streaming);
  expect(results().at(-1)).toBe(slow.identity.nodeId);
  expect(updates[0]).toMatchObject({ type: 'sent', directives: [{}, {}, {}] });
  expect(updates.at(-1)).toMatchObject({ type: 'ended', summary: { total: 3, completed: 2, failed: 1, open: 0 } });
  const ended = updates.at(-1);
  if (ended?.type !== 'ended') throw new Error('the sum comes last');
  const { directives } = (await sender.node.getBroadcast(ended.summary.broadcastId)) ?? { directives: [] };
  const failed = directives.filter(({ status }) => status === 'failed');
  expect(failed).toMatchObject([
    { targetNodeId: failing.identity.nodeId, result: { error: { reason: 'out_of_order' } } },
  ]);
});

test('after many heartbeats a broadcast still reaches everybody; who died is named, and reached again when back', async () => {
  await using swarm = await createTestSwarm();
  const [sender, ...others] = await started(swarm, 3);
  const [mortal] = others;
  if (!mortal) throw new Error('three were started');
  const asked = async () => {
    const { summary, directives } = await awaited(swarm, sender.node.broadcast(query));
    return { completed: summary.completed, nodes: idsOfViews(directives), skipped: summary.skipped };
  };
  await swarm.pass(600_000);
  expect(await asked()).toEqual({ completed: 2, nodes: idsOf(others), skipped: [] });
  mortal.kill();
  const statusOfMortal = async () => (await sender.node.getNode(mortal.identity.nodeId))?.status;
  await swarm.until(async () => (await statusOfMortal()) === 'offline');
  const skipped = [{ nodeId: mortal.identity.nodeId, name: 'node-1', reason: 'offline' }];
  expect(await asked()).toEqual({ completed: 1, nodes: idsOf(others.slice(1)), skipped });
  await (await mortal.restart()).start();
  await swarm.until(async () => (await statusOfMortal()) === 'online');
  expect(await asked()).toEqual({ completed: 2, nodes: idsOf(others), skipped: [] });
});
const idsOfViews = (views: readonly { targetNodeId: string }[]) => views.map(({ targetNodeId }) => targetNodeId).sort();

test('a drained and a sealed node get nothing of a broadcast, and are named with why', async () => {
  await using swarm = await createTestSwarm();
  const [sender, drained, sealed] = await started(swarm, 3);
  if (!drained || !sealed) throw new Error('three were started');
  await awaited(swarm, sender.node.drain({ nodeId: drained.identity.nodeId }));
  await awaited(swarm, sender.node.seal({ nodeId: sealed.identity.nodeId }));
  const { summary, directives } = await awaited(swarm, sender.node.broadcast(query));
  expect(directives).toEqual([]);
  expect(new Map(summary.skipped.map(({ nodeId, reason }) => [nodeId, reason]))).toEqual(
    new Map([
      [drained.identity.nodeId, 'draining'],
      [sealed.identity.nodeId, 'sealed'],
    ]),
  );
});
