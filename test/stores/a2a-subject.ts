/** What a suite of A2A's stores runs on: the stores of one agent, empty. */
import {
  createInMemoryPushConfigStore,
  createInMemoryTaskStore,
  type PushConfigStore,
  type TaskStore,
} from '@skein/a2a-transport';
import { createPostgresA2AStores } from '@skein/drizzle';
import { createTestDatabase, type TestCluster } from '@skein/drizzle/testing';

interface A2ASubject extends AsyncDisposable {
  tasks: TaskStore;
  pushConfigs: PushConfigStore;
}

export type CreateA2ASubject = (options?: { maxEvents?: number }) => Promise<A2ASubject>;

export const a2aInMemory: CreateA2ASubject = async (options = {}) => ({
  tasks: createInMemoryTaskStore(options),
  pushConfigs: createInMemoryPushConfigStore(),
  [Symbol.asyncDispose]: async () => {},
});

export function a2aOnPostgres(cluster: TestCluster): CreateA2ASubject {
  return async (options = {}) => {
    const database = await createTestDatabase(cluster);
    return {
      ...createPostgresA2AStores(database, { agent: 'agent', ...options }),
      [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
    };
  };
}
