/** All ports in memory. What they hold ends with the process: for tests, simulations and examples. */
import { createInMemoryPushConfigStore, createInMemoryTaskStore } from '@skein/a2a-transport';
import type { Clock, Random } from '@skein/contracts/runtime';
import { createInMemoryAgentStore } from './agents/in-memory-agent-store.ts';
import type { Effect } from './directives/effects.ts';
import { createInMemoryInboxStore } from './directives/in-memory-inbox-store.ts';
import { createInMemoryOutboxStore } from './directives/in-memory-outbox-store.ts';
import { createInMemoryMailStore } from './mail/in-memory-mail-store.ts';
import { createInMemoryNodeStore } from './membership/in-memory-node-store.ts';
import { createInMemoryUsageLedger } from './resources/in-memory-usage-ledger.ts';
import { createInMemoryTokenStore } from './security/in-memory-token-store.ts';
import { createInMemoryStateStore } from './state/in-memory-state-store.ts';
import type { SwarmStores } from './stores.ts';

/** Time and chance for stores without a database. */
export interface InMemoryStoresDependencies {
  /** Stands in for the database's clock. */
  clock: Pick<Clock, 'now'>;
  random: Pick<Random, 'uuid'>;
}

/** All ports of a node in memory. What they hold ends with the process. */
export function createInMemoryStores({ clock, random }: InMemoryStoresDependencies): SwarmStores {
  const nodes = createInMemoryNodeStore({ clock, random });
  const mail = createInMemoryMailStore({ clock });
  const state = createInMemoryStateStore({ clock });

  /** Without an await in between, so that nothing comes between a result and its effects. */
  function apply(effects: readonly Effect[]): void {
    for (const effect of effects)
      if (effect.type === 'deliver') mail.deliverNow(effect.mail);
      else state.mergeNow(effect.nodeId, effect.namespace, effect.entries);
  }

  return {
    ...{ nodes, mail, state },
    outbox: createInMemoryOutboxStore({ clock }),
    inbox: createInMemoryInboxStore({ clock, apply, isEligible: nodes.isEligible }),
    tokens: createInMemoryTokenStore({ clock }),
    agents: createInMemoryAgentStore({ clock }),
    usage: createInMemoryUsageLedger({ clock, databaseId: () => nodes.databaseId() }),
    a2aTasks: { ...createInMemoryTaskStore(), purge: async () => 0 }, // what is new takes the place of what is old
    pushConfigs: createInMemoryPushConfigStore(),
  };
}
