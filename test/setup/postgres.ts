/** One PostgreSQL for the whole run. A test takes a database of its own: `createTestDatabase(inject('testCluster'))`. */
import { startTestPostgres, type TestCluster } from '@skein/drizzle/testing';
import type {} from 'vitest'; // so that the module below is found
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    testCluster: TestCluster;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startTestPostgres();
  project.provide('testCluster', postgres.cluster);
  return postgres.stop;
}
