/** Time and precedence on real nodes: what is out of time never starts, and what waits starts by its priority. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DispatchReply, type Priority } from '@skein/contracts';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { directivesOf, eventually, Fleet, type FleetNode, finalRow, joinTokenOf, online } from './fleet.ts';

const TEE = '/usr/bin/tee';
const SLEEP = '/usr/bin/sleep';

const fleet = new Fleet();
let sender: FleetNode;
let receiver: FleetNode;

beforeAll(async () => {
  sender = await fleet.start({ name: 'sender' });
  const joinToken = await joinTokenOf(sender);
  receiver = await fleet.start({
    name: 'receiver',
    seeds: [sender.address],
    joinToken,
    programs: [TEE, SLEEP],
    capacity: 1,
  });
  await online(sender, receiver);
});
afterAll(() => fleet[Symbol.asyncDispose]());

async function send(
  command: readonly string[],
  change: { priority?: Priority; ttlMs?: number; stdin?: string } = {},
): Promise<string> {
  const { stdin, ...options } = change;
  const payload = { command, ...(stdin !== undefined && { stdin }) };
  const reply = await sender.post('/directives', {
    kind: 'execute_task',
    target: receiver.nodeId,
    payload,
    ...options,
  });
  return DispatchReply.parse(await reply.json()).directive.id;
}

const note = (file: string, line: string, change: { priority?: Priority; ttlMs?: number } = {}) =>
  send([TEE, '-a', file], { stdin: `${line}\n`, ...change });
const read = (file: string) => {
  const path = join(receiver.workFolder, file);
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
};
const states = async (ids: readonly string[]) => {
  const rows = (await directivesOf(receiver)).filter(({ side }) => side === 'inbox');
  return ids.map((id) => rows.find((row) => row.id === id)?.state);
};

/** Takes the receiver's one place until the returned function is called. */
async function hold(): Promise<() => Promise<void>> {
  const id = await send([SLEEP, '600']);
  await eventually('the holder runs', async () => (await states([id]))[0] === 'running');
  return async () => void (await sender.post(`/directives/${id}/cancel`, {}));
}

test('a time to live of 1 ms ends timed_out in both books and has no effect', async () => {
  const id = await note('too-late.txt', 'never', { ttlMs: 1 });
  for (const [node, side] of [
    [sender, 'outbox'],
    [receiver, 'inbox'],
  ] as const) {
    const row = await finalRow(node, id, side, 30_000);
    expect(row).toMatchObject({ state: 'timed_out', result: { started: false, error: { reason: 'ttl_expired' } } });
  }
  expect(read('too-late.txt')).toEqual([]);
});

test('a time to live that ends in the receiver’s queue ends timed_out in both books and has no effect', async () => {
  const release = await hold();
  const id = await note('queued-too-long.txt', 'never', { ttlMs: 1_500 });
  for (const [node, side] of [
    [sender, 'outbox'],
    [receiver, 'inbox'],
  ] as const) {
    const row = await finalRow(node, id, side, 30_000);
    expect(row).toMatchObject({ state: 'timed_out', result: { started: false, error: { reason: 'ttl_expired' } } });
  }
  await release();
  await finalRow(sender, await note('afterwards.txt', 'done'), 'outbox', 30_000);
  expect(read('queued-too-long.txt')).toEqual([]);
});

test('with the queue held, a random permutation of priorities starts in order', async () => {
  const ranks: readonly Priority[] = ['critical', 'high', 'normal', 'low'];
  const [shuffled = []] = fc.sample(fc.shuffledSubarray([...ranks, ...ranks], { minLength: 8 }), 1);
  const release = await hold();
  const sent: { id: string; line: string; priority: Priority }[] = [];
  for (const [index, priority] of shuffled.entries()) {
    const line = `${priority} ${index}`;
    const id = await note('order.txt', line, { priority });
    sent.push({ id, line, priority });
    // One after the other, so that the order of arrival is the order of sending.
    await eventually(`${line} waits`, async () => (await states([id]))[0] === 'received');
  }
  await release();
  for (const { id } of sent) await finalRow(sender, id, 'outbox', 30_000);
  const byRank = [...sent].sort((a, b) => ranks.indexOf(a.priority) - ranks.indexOf(b.priority));
  expect(read('order.txt'), `sent in the order ${shuffled.join(', ')}`).toEqual(byRank.map(({ line }) => line));
});
