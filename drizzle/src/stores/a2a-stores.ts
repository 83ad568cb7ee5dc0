/** What an A2A server keeps of one agent, on a database that several may share. */
import type { PushConfigStore, TaskStore } from '@skein/a2a-transport';
import { type Clock, systemClock } from '@skein/contracts/runtime';
import type { Database } from '../connect.ts';
import { purgePushConfigs, purgeTasks } from '../statements/a2a/purge.ts';
import { createPostgresPushConfigStore } from './push-config-store.ts';
import { createPostgresTaskStore } from './task-store.ts';
import { withinPatience } from './unavailable.ts';

export interface PostgresA2AStores {
  readonly tasks: TaskStore;
  readonly pushConfigs: PushConfigStore;
  /**
   * Forgets tasks that ended long ago by the database's clock, with their events and push configurations, a page at a time.
   * Answers how many: while it was any, there may be more.
   */
  purge(): Promise<number>;
}

export interface PostgresA2AStoresOptions {
  /** Whose tasks: a node's id, or a name that nobody else in the database uses. One process at a time works on them. */
  agent: string;
  /** How long a task is kept after its end, in milliseconds. @default 2_592_000_000 (30 days) */
  keepEndedMs?: number;
  /** Events kept of each task, the newest; now and then up to a tenth more. @default 10_000 */
  maxEvents?: number;
  /** Bounds how long a call waits for its answer. */
  clock?: Pick<Clock, 'sleep'>;
}

const KEEP_ENDED_MS = 30 * 24 * 3_600_000;

/** Errors: those of the ports; SwarmError STORE_UNAVAILABLE where the database does not answer, which may be tried again. */
export function createPostgresA2AStores(
  database: Pick<Database, 'sql' | 'orm'>,
  { agent, keepEndedMs = KEEP_ENDED_MS, maxEvents, clock = systemClock }: PostgresA2AStoresOptions,
): PostgresA2AStores {
  return {
    tasks: createPostgresTaskStore(database, clock, { agent, ...(maxEvents !== undefined && { maxEvents }) }),
    pushConfigs: createPostgresPushConfigStore(database, clock, { agent }),
    async purge() {
      const tasks = await withinPatience(() => purgeTasks(database.sql, agent, keepEndedMs), clock);
      const configs = await withinPatience(() => purgePushConfigs(database.sql, agent, keepEndedMs), clock);
      return (tasks[0]?.count ?? 0) + (configs[0]?.count ?? 0);
    },
  };
}
