import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type EmbeddedPostgres, type SocketTarget, startEmbeddedPostgres } from '@skein/drizzle';

/** PostgreSQL servers for one figure, each for one contender alone, with what they say of their durability. */
export interface Databases extends AsyncDisposable {
  start(owner: string): Promise<SocketTarget>;
  /** Version, fsync and synchronous_commit, as the last one started says. */
  describe(): string;
}

/** The servers are as a node has its own: fsync, full_page_writes and synchronous_commit on. `connect` refuses others. */
export function createDatabases(): Databases {
  const running: { server: EmbeddedPostgres; folder: string }[] = [];
  let description = 'no database';
  return {
    async start(owner) {
      const folder = await mkdtemp(join(tmpdir(), 'skein-bench-'));
      await chmod(folder, 0o711); // as root the server is another user, who has to pass
      const server = await startEmbeddedPostgres({ dataDir: folder, owner: `bench ${process.pid} ${owner}` });
      running.push({ server, folder });
      await using database = await connect(server.connection, { applicationName: 'bench', maxConnections: 1 });
      const [facts] = await database.sql<{ version: string; fsync: string; commit: string }[]>`
        select current_setting('server_version') as version, current_setting('fsync') as fsync,
          current_setting('synchronous_commit') as commit`;
      description = `PostgreSQL ${facts?.version}, fsync ${facts?.fsync}, synchronous_commit ${facts?.commit}`;
      return server.connection;
    },
    describe: () => description,
    async [Symbol.asyncDispose]() {
      for (const { server, folder } of running) {
        await server.stop();
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}
