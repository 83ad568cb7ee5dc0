/** Nodes that share one database: the tasks of plain messages are each node's own, through its lives. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Task } from '@skein/contracts/a2a';
import { createPostgresStores } from '@skein/drizzle';
import { createTestDatabase } from '@skein/drizzle/testing';
import { createNodeIdentity, createSwarmNode, type SwarmNode, type SwarmNodeOptions } from '@skein/swarm';
import { afterEach, expect, inject, test } from 'vitest';
import { DAY_MS } from './suites/samples.ts';

const closing: (() => PromiseLike<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Two nodes on one database; each can be born again on it. */
async function neighbours() {
  const database = await createTestDatabase(inject('testCluster'));
  closing.push(() => database[Symbol.asyncDispose]());
  const workFolder = await mkdtemp(join(tmpdir(), 'skein-neighbours-'));
  closing.push(() => rm(workFolder, { recursive: true, force: true }));
  const create = (name: string, origin: string) => {
    const identity = createNodeIdentity();
    const stores = createPostgresStores(database, { nodeId: identity.nodeId });
    const executor: SwarmNodeOptions['executor'] = async function* ({ message }, { signal }) {
      yield { status: { state: 'TASK_STATE_WORKING' } };
      if (message.parts[0]?.text === 'wait')
        await new Promise((_, reject) => signal.addEventListener('abort', reject, { once: true }));
    };
    const isOperator = (token: string) => token === 'the-operator';
    const place = { name, addresses: [origin], workFolder: join(workFolder, name) };
    const live = async (): Promise<SwarmNode> => {
      const node = await createSwarmNode({ ...place, identity, stores, executor, isOperator });
      closing.push(() => node.stop());
      await node.start();
      return node;
    };
    return { stores, nodeId: identity.nodeId, live };
  };
  return { database, north: create('north', 'http://127.0.0.1:4220'), south: create('south', 'http://127.0.0.1:4221') };
}

async function call(node: SwarmNode, method: string, params: object): Promise<unknown> {
  const headers = { 'content-type': 'application/json', 'a2a-version': '1.0', authorization: 'Bearer the-operator' };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  return (await node.app.request('/a2a', { method: 'POST', headers, body })).json();
}

async function sent(node: SwarmNode, text: string): Promise<Task> {
  const message = { messageId: crypto.randomUUID(), role: 'ROLE_USER', parts: [{ text }] };
  const answer = await call(node, 'SendMessage', { message, configuration: { returnImmediately: true } });
  return (answer as { result: { task: Task } }).result.task; // asked of below
}

const stateOf = (state: string) => ({ result: { status: { state } } });

test('a node that comes back ends what it left running itself, and nothing of its neighbour on the database', async () => {
  const { north, south } = await neighbours();
  const first = await north.live();
  const neighbour = await south.live();
  const { id } = await sent(first, 'wait');
  const theirs = await sent(neighbour, 'wait');
  // A second life while the first still is: as after a kill, nobody has said goodbye.
  const second = await north.live();
  expect(await call(second, 'GetTask', { id })).toMatchObject(stateOf('TASK_STATE_FAILED'));
  expect(await call(neighbour, 'GetTask', { id: theirs.id })).toMatchObject(stateOf('TASK_STATE_WORKING'));
  expect(await call(second, 'GetTask', { id: theirs.id })).toMatchObject({ error: { code: -32001 } });
  expect(await call(second, 'ListTasks', {})).toMatchObject({ result: { totalSize: 1, tasks: [{ id }] } });
});

test('what no id of a task could be is unknown like any other, to every method', async () => {
  const { north } = await neighbours();
  const node = await north.live();
  for (const id of ['a\0b', '\ud800', 'é'.repeat(1_000), ''])
    for (const method of ['GetTask', 'CancelTask', 'SubscribeToTask'])
      expect(await call(node, method, { id }), `${method} ${JSON.stringify(id)}`).toMatchObject({
        error: { code: id === '' ? -32602 : -32001 },
      });
  for (const contextId of ['a\0b', '\ud800'])
    expect(await call(node, 'ListTasks', { contextId })).toMatchObject({ result: { totalSize: 0 } });
});

test('tasks are forgotten thirty days after their end, with those of nobody else', async () => {
  const { database, north, south } = await neighbours();
  const [here, there] = [await north.live(), await south.live()];
  const { id } = await sent(here, 'hello');
  const theirs = await sent(there, 'hello');
  await expect.poll(() => call(here, 'GetTask', { id })).toMatchObject(stateOf('TASK_STATE_COMPLETED'));
  await expect.poll(() => call(there, 'GetTask', { id: theirs.id })).toMatchObject(stateOf('TASK_STATE_COMPLETED'));
  await database.advance(29 * DAY_MS);
  expect(await north.stores.a2aTasks.purge(north.nodeId)).toBe(0);
  await database.advance(2 * DAY_MS);
  expect(await north.stores.a2aTasks.purge(north.nodeId)).toBe(1);
  expect(await call(here, 'GetTask', { id })).toMatchObject({ error: { code: -32001 } });
  expect(await call(there, 'GetTask', { id: theirs.id })).toMatchObject(stateOf('TASK_STATE_COMPLETED'));
});
