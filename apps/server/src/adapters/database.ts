/** The database of a node: the operator's, where DATABASE_URL names one, else one that the node runs by itself. */
import type { Clock, Logger } from '@skein/contracts/runtime';
import { connect, type Database, holdOwnership, migrate, startEmbeddedPostgres } from '@skein/drizzle';
import type { Config } from '../config/config-schema.ts';
import type { Unwinding } from '../unwinding.ts';

interface DatabaseDeps {
  nodeId: string;
  clock: Clock;
  logger: Logger;
  /** The database, or this node's right to it, is gone for good. */
  onLost: (cause: Error) => void;
  unwinding: Unwinding;
}

/** Owned by this process alone, brought up to date, and given back by `unwinding`. */
export async function openDatabase(config: Config, deps: DatabaseDeps): Promise<Database> {
  const { nodeId, clock, logger, onLost, unwinding } = deps;
  const owner = `node ${config.name} pid ${process.pid}`;
  const target = config.databaseUrl ? { url: config.databaseUrl } : await ownServer();
  if (config.databaseUrl) {
    const ownership = await holdOwnership(target, { key: nodeId, owner, clock, logger, onLost });
    unwinding.defer('ownership', () => ownership.release());
  }
  const database = await connect(target, { applicationName: `skein ${config.name}`, logger });
  unwinding.defer('database pool', () => database.end());
  await migrate(database);
  return database;

  async function ownServer() {
    const { dataDir, postgresUid } = config;
    const server = await startEmbeddedPostgres({
      dataDir,
      owner,
      clock,
      logger,
      onLost,
      ...(postgresUid !== undefined && { postgresUid }),
    });
    unwinding.defer('database server', () => server.stop());
    logger.info('the database is up', { pid: server.pid, how: server.how });
    return server.connection;
  }
}
