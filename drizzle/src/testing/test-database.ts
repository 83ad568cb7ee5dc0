import { randomUUID } from 'node:crypto';
import { connect, type Database } from '../connect.ts';
import { advanceTestClock } from './test-clock.ts';
import type { TestCluster } from './test-postgres.ts';

/** A migrated, empty database for one test or one file of tests. */
export interface TestDatabase extends Database {
  /** Lets `skein_now()` move on by this many milliseconds; transactions that begin afterwards see it. */
  advance(ms: number): Promise<void>;
  /** Closes the pool and removes the database, whoever else is still connected. May be called twice. */
  drop(): Promise<void>;
}

interface TestDatabaseOptions {
  /** @default 8 */
  maxConnections?: number;
}

export async function createTestDatabase(
  { connection, template }: TestCluster,
  { maxConnections = 8 }: TestDatabaseOptions = {},
): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  // file_copy: copying files in memory beats writing a log of the copy.
  await maintain(connection, `create database ${name} template ${template} strategy file_copy`);
  const database = await connect(
    { ...connection, database: name },
    { applicationName: name, maxConnections, allowUnsafe: true },
  );
  let dropped: Promise<void> | undefined;
  const drop = () => {
    dropped ??= database.end().then(() => maintain(connection, `drop database if exists ${name} with (force)`));
    return dropped;
  };
  return { ...database, advance: (ms) => advanceTestClock(database.sql, ms), drop, [Symbol.asyncDispose]: drop };
}

async function maintain(connection: TestCluster['connection'], statement: string): Promise<void> {
  await using maintenance = await connect(connection, {
    applicationName: 'test maintenance',
    maxConnections: 1,
    statementTimeoutMs: 60_000, // making and removing a database may take its time
    allowUnsafe: true,
  });
  await maintenance.sql.unsafe(statement);
}
