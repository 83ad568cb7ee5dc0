/** All ports in memory. What they hold ends with the process: for tests, simulations and examples. */
import type { Clock, Random } from '@skein/contracts/runtime';
import { createInMemoryInboxStore } from './directives/in-memory-inbox-store.ts';
import { createInMemoryOutboxStore } from './directives/in-memory-outbox-store.ts';
import { createInMemoryNodeStore } from './membership/in-memory-node-store.ts';
import { createInMemoryTokenStore } from './security/in-memory-token-store.ts';
import type { SwarmStores } from './stores.ts';

export interface InMemoryStoresDependencies {
  /** Stands in for the database's clock. */
  clock: Pick<Clock, 'now'>;
  random: Pick<Random, 'uuid'>;
}

export function createInMemoryStores({ clock, random }: InMemoryStoresDependencies): SwarmStores {
  return {
    nodes: createInMemoryNodeStore({ clock, random }),
    outbox: createInMemoryOutboxStore({ clock }),
    inbox: createInMemoryInboxStore({ clock }),
    tokens: createInMemoryTokenStore({ clock }),
  };
}
