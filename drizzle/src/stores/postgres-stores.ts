/** Every port of the swarm on one database. */
import type { NodeId } from '@skein/contracts';
import { type Clock, systemClock } from '@skein/contracts/runtime';
import type { SwarmStores } from '@skein/swarm';
import type { Database } from '../connect.ts';
import { createPostgresA2AStores } from './a2a-stores.ts';
import { createPostgresAgentStore } from './agent-store.ts';
import { createPostgresInboxStore } from './inbox-store.ts';
import { createPostgresMailStore } from './mail-store.ts';
import { createPostgresNodeStore } from './node-store.ts';
import { createPostgresOutboxStore } from './outbox-store.ts';
import { createPostgresStateStore } from './state-store.ts';
import { createPostgresTokenStore } from './token-store.ts';
import { sayingUnavailable } from './unavailable.ts';
import { createPostgresUsageLedger } from './usage-ledger.ts';

export interface PostgresStoresOptions {
  /** Whose tasks of plain messages these are: the other books say in each row whose it is. */
  nodeId: NodeId;
  /** Bounds how long a call waits for its answer. */
  clock?: Pick<Clock, 'sleep'>;
}

/** Every port of one node, on a database that others may use, too. */
export function createPostgresStores(
  database: Pick<Database, 'sql' | 'orm'>,
  { nodeId, clock = systemClock }: PostgresStoresOptions,
): SwarmStores {
  const { tasks, pushConfigs, purge } = createPostgresA2AStores(database, { agent: nodeId, clock });
  return {
    nodes: sayingUnavailable(createPostgresNodeStore(database), clock),
    outbox: sayingUnavailable(createPostgresOutboxStore(database), clock),
    inbox: sayingUnavailable(createPostgresInboxStore(database), clock),
    tokens: sayingUnavailable(createPostgresTokenStore(database), clock),
    agents: sayingUnavailable(createPostgresAgentStore(database), clock),
    mail: sayingUnavailable(createPostgresMailStore(database), clock),
    state: sayingUnavailable(createPostgresStateStore(database), clock),
    usage: sayingUnavailable(createPostgresUsageLedger(database), clock),
    a2aTasks: { ...tasks, purge },
    pushConfigs,
  };
}
