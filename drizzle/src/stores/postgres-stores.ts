/** Every port of the swarm on one database. */

import { type Clock, systemClock } from '@skein/contracts/runtime';
import type { SwarmStores } from '@skein/swarm';
import type { Database } from '../connect.ts';
import { createPostgresInboxStore } from './inbox-store.ts';
import { createPostgresNodeStore } from './node-store.ts';
import { createPostgresOutboxStore } from './outbox-store.ts';
import { createPostgresTokenStore } from './token-store.ts';
import { sayingUnavailable } from './unavailable.ts';

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
  };
}
