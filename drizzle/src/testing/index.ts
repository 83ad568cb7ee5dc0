/** A real PostgreSQL for tests: one server a run, one database a test. */
export { createTestDatabase, type TestDatabase } from './test-database.ts';
export { startTestPostgres, type TestCluster, type TestPostgres } from './test-postgres.ts';
