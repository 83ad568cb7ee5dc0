import { NodeId } from '@skein/contracts';
import { createFakeClock, createMemoryLogger, createSeededRandom } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import { SwarmError } from './errors.ts';
import { createInMemoryStores } from './in-memory-stores.ts';
import { KEEP_TOMBSTONES_MS } from './state/state-store.ts';
import { startUpkeep } from './upkeep.ts';

const self = NodeId.parse('a'.repeat(26));

test('what is kept no longer is forgotten within the hour, also while another book is away', async () => {
  const clock = createFakeClock();
  const logger = createMemoryLogger();
  const stores = createInMemoryStores({ clock, random: createSeededRandom(1) });
  stores.mail.purge = () => Promise.reject(new Error('the database is away'));
  await using upkeep = startUpkeep({ self, stores, clock, logger });
  await stores.state.write(self, 'memory', 'key', undefined);
  await clock.advance(KEEP_TOMBSTONES_MS - 1);
  expect(await stores.state.find(self, 'memory', 'key')).toBeDefined();
  await clock.advance(3_600_000);
  expect(await stores.state.find(self, 'memory', 'key')).toBeUndefined();
  expect(logger.lines).toContainEqual(
    expect.objectContaining({ level: 'warn', fields: expect.objectContaining({ book: 'mail' }) }),
  );
  await upkeep.stop();
});

test('a store that does not answer is asked once, and a stop waits for no more than that', async () => {
  const clock = createFakeClock();
  const stores = createInMemoryStores({ clock, random: createSeededRandom(1) });
  const asked: string[] = [];
  const silent = (book: string) => async () => {
    asked.push(book);
    await clock.sleep(10_000);
    throw new SwarmError('STORE_UNAVAILABLE', 'the database does not answer');
  };
  for (const book of ['mail', 'state', 'agents', 'a2aTasks'] as const) stores[book].purge = silent(book);
  const upkeep = startUpkeep({ self, stores, clock, logger: createMemoryLogger() });
  await clock.advance(60_000);
  expect(asked).toEqual(['mail']);
  await upkeep.stop();
});

test('where there is much to forget, it goes on part by part', async () => {
  const clock = createFakeClock();
  const stores = createInMemoryStores({ clock, random: createSeededRandom(1) });
  let parts = 3;
  stores.agents.purge = async () => (parts > 0 ? parts-- : 0);
  let tasks = 2;
  stores.a2aTasks.purge = async () => (tasks > 0 ? tasks-- : 0);
  await using _ = startUpkeep({ self, stores, clock, logger: createMemoryLogger() });
  await clock.advance(3_000);
  expect([parts, tasks]).toEqual([0, 0]);
});
