/** Skein in PostgreSQL: the database a node runs by itself or is given, its schema, and the stores on it. */
export { type ConnectOptions, connect, type Database } from './connect.ts';
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from './embedded/embedded-postgres.ts';
export { DatabaseError, type DatabaseErrorCode } from './errors.ts';
export { type MigrateOptions, migrate } from './migrate.ts';
export { holdOwnership, type Ownership, type OwnershipOptions } from './ownership.ts';
export { createPostgresA2AStores, type PostgresA2AStores, type PostgresA2AStoresOptions } from './stores/a2a-stores.ts';
export { createPostgresStores, type PostgresStoresOptions } from './stores/postgres-stores.ts';
export type { DatabaseTarget, SocketTarget } from './target.ts';
