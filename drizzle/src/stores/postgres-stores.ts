/** Every port of the swarm on one database. */
import type { SwarmStores } from '@skein/swarm';
import type { Database } from '../connect.ts';
import { createPostgresInboxStore } from './inbox-store.ts';
import { createPostgresNodeStore } from './node-store.ts';
import { createPostgresOutboxStore } from './outbox-store.ts';
import { createPostgresTokenStore } from './token-store.ts';
import { sayingUnavailable } from './unavailable.ts';

export function createPostgresStores(database: Pick<Database, 'sql' | 'orm'>): SwarmStores {
  return {
    nodes: sayingUnavailable(createPostgresNodeStore(database)),
    outbox: sayingUnavailable(createPostgresOutboxStore(database)),
    inbox: sayingUnavailable(createPostgresInboxStore(database)),
    tokens: sayingUnavailable(createPostgresTokenStore(database)),
  };
}
