import { NamespaceList, StateEntryView, StateKey, StateList, StateSyncReply } from '@skein/contracts';
import { type StateDesk, SwarmError } from '@skein/swarm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { callerOf, unforeseen } from '../../testing/rest-caller.ts';
import { OTHER, stateEntry } from '../../testing/sample-views.ts';
import { createStateRoutes } from './state.ts';

type StateDoor = Parameters<typeof createStateRoutes>[0]['node'];

function state(over: Partial<StateDoor> = {}) {
  const node: StateDoor = {
    ...{ listNamespaces: unforeseen, listState: unforeseen, getState: unforeseen },
    ...{ putState: unforeseen, deleteState: unforeseen, syncState: unforeseen },
    ...over,
  };
  return callerOf('/state', createStateRoutes({ node }));
}

test('namespaces are listed with how full they are', async () => {
  const memory = { name: 'memory', entries: 1, bytes: 12, maxEntries: 1_000, maxBytes: 4_194_304 };
  const { reply } = state({ listNamespaces: async () => [memory] });
  expect((await reply(NamespaceList, 'GET', '/state')).body).toEqual({ namespaces: [memory] });
});

test('the entries of a namespace are listed', async () => {
  const { reply } = state({ listState: async () => [stateEntry] });
  expect((await reply(StateList, 'GET', '/state/memory')).body).toEqual({ entries: [stateEntry] });
});

const path = '/state/memory/colour';

test.each<[string, StateEntryView | undefined, number]>([
  ['a value', stateEntry, 200],
  ['null, which is a value', { ...stateEntry, value: null }, 200],
  ['a tombstone', { ...stateEntry, value: undefined, deleted: true }, 404],
  ['nothing', undefined, 404],
])('a key that holds %s is answered as it deserves', async (_what, entry, status) => {
  const { call } = state({ getState: async () => entry });
  expect((await call('GET', path)).status).toBe(status);
});

test.each<[string, unknown]>([
  ['text', 'blue'],
  ['null', null],
  ['false', false],
  ['an object', { red: [1, 2] }],
])('%s is put under a key and answered as it stands', async (_what, value) => {
  const put: unknown[] = [];
  const putState: StateDesk['putState'] = async (...call) => {
    put.push(call);
    return { ...stateEntry, value: call[2] };
  };
  const { status, body } = await state({ putState }).reply(StateEntryView, 'PUT', path, { value });
  expect([status, body.value, put]).toEqual([200, value, [['memory', 'colour', value]]]);
});

test('a deletion is answered with its tombstone, and with 404 where there was nothing', async () => {
  const tombstone: StateEntryView = { ...stateEntry, value: undefined, deleted: true };
  const deleteState: StateDesk['deleteState'] = async (_namespace, key) => (key === 'colour' ? tombstone : undefined);
  const { reply, refusal } = state({ deleteState });
  expect((await reply(StateEntryView, 'DELETE', path)).body.deleted).toBe(true);
  expect(await refusal('DELETE', '/state/memory/shape')).toMatchObject({ status: 404, reason: 'state_not_found' });
});

test('a sync tells what went and what came', async () => {
  const brought = { sent: 2, received: 1, refused: [{ key: 'x', reason: 'size' }] };
  const { reply } = state({ syncState: async () => brought });
  expect((await reply(StateSyncReply, 'POST', '/state/memory/sync', { nodeId: OTHER })).body).toEqual(brought);
});

test.each<['UNKNOWN_NAMESPACE' | 'STATE_REFUSED', number]>([
  ['UNKNOWN_NAMESPACE', 404],
  ['STATE_REFUSED', 422],
])('%s of the desk becomes %i', async (code, status) => {
  const putState = async () => {
    throw new SwarmError(code, 'no', { metadata: { namespace: 'memory' } });
  };
  const refused = await state({ putState }).refusal('PUT', path, { value: 1 });
  expect(refused).toMatchObject({ status, reason: code.toLowerCase(), metadata: { namespace: 'memory' } });
});

test('whatever a key is, its entry is found under the encoded key', async () => {
  // A path loses these two wherever it passes: no address can name them.
  const addressable = (key: string) => key !== '.' && key !== '..' && StateKey.safeParse(key).success;
  const keys = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).filter(addressable);
  await fc.assert(
    fc.asyncProperty(keys, async (key) => {
      const asked: string[] = [];
      const { call } = state({
        getState: async (_namespace, found) => {
          asked.push(found);
          return stateEntry;
        },
      });
      expect((await call('GET', `/state/memory/${encodeURIComponent(key)}`)).status).toBe(200);
      expect(asked).toEqual([key]);
    }),
    { numRuns: 30 },
  );
});

test.each<[string, string, unknown, string]>([
  ['GET', '/Memory', undefined, 'namespace: a namespace has 1 to 63 small letters'],
  ['GET', '/memory?deleted=true', undefined, 'deleted is not a known key'],
  ['GET', '?x=1', undefined, 'x is not a known key'],
  ['GET', `/memory/${'k'.repeat(257)}`, undefined, 'key: expected at most 256 characters'],
  ['PUT', '/memory/colour', {}, 'value: is missing'],
  ['PUT', '/memory/colour', { value: 1, ttl: 2 }, 'ttl is not a known key'],
  ['PUT', '/memory/colour', 'blue', 'the body is not JSON'],
  ['PUT', '/memory/colour?force=1', { value: 1 }, 'force is not a known key'],
  ['DELETE', '/memory/colour?all=1', undefined, 'all is not a known key'],
  ['POST', '/memory/sync', {}, 'nodeId: is missing'],
  ['POST', '/memory/sync', { nodeId: 'node-2' }, 'nodeId: a node id has 26 characters'],
  ['POST', '/memory/sync?wait=true', { nodeId: OTHER }, 'wait is not a known key'],
])('%s /state%s with %j is refused', async (method, target, body, message) => {
  const refused = await state().refusal(method, `/state${target}`, body);
  expect(refused.status).toBe(400);
  expect(refused.message).toContain(message);
});
