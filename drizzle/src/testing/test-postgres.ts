/**
 * One PostgreSQL for a whole test run, in memory where the machine has a place for that, gone with the run. It holds a
 * migrated template; see test-database.ts for what tests get.
 */
import { randomUUID } from 'node:crypto';
import { accessSync, constants, readdirSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@skein/contracts/runtime';
import { connect } from '../connect.ts';
import { startServer } from '../embedded/embedded-postgres.ts';
import { throwAwaySettings } from '../embedded/flags.ts';
import { endServer, readPidFile } from '../embedded/postmaster.ts';
import { isAlive } from '../embedded/process-table.ts';
import { migrate } from '../migrate.ts';
import type { SocketTarget } from '../target.ts';
import { installTestClock } from './test-clock.ts';

/** What a test needs to know about the run's server; plain data, so that it can be handed to another process. */
export interface TestCluster {
  /** The server's maintenance database. */
  readonly connection: SocketTarget;
  readonly template: string;
}

export interface TestPostgres extends AsyncDisposable {
  readonly cluster: TestCluster;
  /** Where the server has its files. */
  readonly folder: string;
  /** Ends the server and removes its folder. May be called twice. */
  stop(): Promise<void>;
}

interface TestPostgresOptions {
  /** @default the package's own */
  migrationsFolder?: string;
}

const folderPrefix = 'skein-test-';
const template = 'skein_template';

export async function startTestPostgres(options: TestPostgresOptions = {}): Promise<TestPostgres> {
  const place = findPlace();
  await sweepLeftovers(place);
  const folder = await mkdtemp(join(place, `${folderPrefix}${process.pid}-`));
  await chmod(folder, 0o711); // as root the server is another user, who has to pass
  const server = await startServer({
    dataDir: folder,
    owner: `test run ${process.pid} ${randomUUID().slice(0, 8)}`,
    settings: throwAwaySettings,
  });
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= server.stop().then(() => rm(folder, { recursive: true, force: true }));
    return stopped;
  };
  try {
    await makeTemplate(server.connection, options);
  } catch (cause) {
    await stop();
    throw cause;
  }
  return { cluster: { connection: server.connection, template }, folder, stop, [Symbol.asyncDispose]: stop };
}

async function makeTemplate(connection: SocketTarget, options: TestPostgresOptions): Promise<void> {
  const setup = { applicationName: 'test set-up', maxConnections: 1, allowUnsafe: true };
  await using maintenance = await connect(connection, setup);
  await maintenance.sql.unsafe(`create database ${template}`);
  // Closed before anyone copies it: a template must have no visitors.
  await using database = await connect({ ...connection, database: template }, setup);
  await migrate(database, options);
  await installTestClock(database.sql);
}

/** Memory where there is some: a database is then copied in 9 ms. */
function findPlace(): string {
  try {
    accessSync('/dev/shm', constants.W_OK);
    return '/dev/shm';
  } catch {
    return tmpdir();
  }
}

/** A run that was killed could not remove its folder. */
async function sweepLeftovers(place: string): Promise<void> {
  for (const name of readdirSync(place)) {
    const pid = Number(/^skein-test-(\d+)-/.exec(name)?.[1]);
    if (!pid || isAlive(pid)) continue;
    const clusterFolder = join(place, name, 'pg');
    const server = readPidFile(clusterFolder);
    try {
      if (server) await endServer(systemClock, clusterFolder, server.pid);
      await rm(join(place, name), { recursive: true, force: true });
    } catch {
      // Another user's, or being swept by another run.
    }
  }
}
