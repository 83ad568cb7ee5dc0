import { expect, test } from 'vitest';
import { createInMemoryPushConfigStore } from './in-memory-push-config-store.ts';

// What every store promises is held by test/stores/suites/push-config-store-suite.ts; here is what only this one does.

test('beyond its bound one that has ended goes first, then the oldest of all', async () => {
  const store = createInMemoryPushConfigStore({ maxConfigs: 2 });
  const put = (id: string) => {
    const config = { id, taskId: 't', url: 'https://receiver.example' };
    return store.put({ owner: '', taskId: 't', id, config, protocolVersion: '1.0', after: 0 });
  };
  const known = async () => (await store.list('', 't', { limit: 10 })).map(({ id }) => id).join('');
  await put('a');
  await store.delivered(await put('b'), 1, true);
  await put('c');
  expect(await known()).toBe('ac');
  await put('d');
  expect(await known()).toBe('cd');
  await put('d');
  expect(await known()).toBe('cd');
});
