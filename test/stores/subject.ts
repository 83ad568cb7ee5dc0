/** What a suite runs on: one set of stores, empty, whose clock the test can move. */
import { createFakeClock, createSeededRandom } from '@skein/contracts/testing';
import { createPostgresStores } from '@skein/drizzle';
import { createTestDatabase, type TestCluster } from '@skein/drizzle/testing';
import { createInMemoryStores, type SwarmStores } from '@skein/swarm';
import { receiver } from './suites/samples.ts';

interface StoreSubject extends AsyncDisposable {
  stores: SwarmStores;
  /** Moves the stores' own clock. */
  advance(ms: number): Promise<void>;
  /** How far the stores' clock may run on by itself while a test runs, in milliseconds. */
  driftMs: number;
}

export type CreateSubject = () => Promise<StoreSubject>;

export const inMemory: CreateSubject = async () => {
  const clock = createFakeClock();
  return {
    stores: createInMemoryStores({ clock, random: createSeededRandom(1) }),
    advance: (ms) => clock.advance(ms),
    driftMs: 0,
    [Symbol.asyncDispose]: async () => {},
  };
};

/** A real database's clock runs while a test does: tests move it in steps that dwarf this. */
export function onPostgres(cluster: TestCluster): CreateSubject {
  return async () => {
    const database = await createTestDatabase(cluster);
    return {
      stores: createPostgresStores(database, { nodeId: receiver }),
      advance: database.advance,
      driftMs: 15_000,
      [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
    };
  };
}
