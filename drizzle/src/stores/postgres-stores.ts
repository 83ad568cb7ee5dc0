/** Every port of the swarm on one database. */

import { type Clock, systemClock } from '@skein/contracts/runtime';
import type { SwarmStores } from '@skein/swarm';
import type { Database } from '../connect.ts';
import { createPostgresAgentStore } from './agent-store.ts';
import { createPostgresInboxStore } from './inbox-store.ts';
import { createPostgresMailStore } from './mail-store.ts';
import { createPostgresNodeStore } from './node-store.ts';
import { createPostgresOutboxStore } from './outbox-store.ts';
import { createPostgresStateStore } from './state-store.ts';
import { createPostgresTokenStore } from './token-store.ts';
import { sayingUnavailable } from './unavailable.ts';
import { createPostgresUsageLedger } from './usage-ledger.ts';

/** The clock bounds how long a call waits for its answer. */
export function createPostgresStores(
  database: Pick<Database, 'sql' | 'orm'>,
  { clock = systemClock }: { clock?: Pick<Clock, 'sleep'> } = {},
): SwarmStores {
  return {
    nodes: sayingUnavailable(createPostgresNodeStore(database), clock),
    outbox: sayingUnavailable(createPostgresOutboxStore(database), clock),
    inbox: sayingUnavailable(createPostgresInboxStore(database), clock),
    tokens: sayingUnavailable(createPostgresTokenStore(database), clock),
    agents: sayingUnavailable(createPostgresAgentStore(database), clock),
    mail: sayingUnavailable(createPostgresMailStore(database), clock),
    state: sayingUnavailable(createPostgresStateStore(database), clock),
    usage: sayingUnavailable(createPostgresUsageLedger(database), clock),
  };
}
