/** The ports that a node stores itself through. Each has an implementation in memory and one on Postgres, under one suite. */
import type { InboxStore } from './directives/inbox-store.ts';
import type { OutboxStore } from './directives/outbox-store.ts';
import type { NodeStore } from './membership/node-store.ts';
import type { TokenStore } from './security/token-store.ts';

export interface SwarmStores {
  nodes: NodeStore;
  outbox: OutboxStore;
  inbox: InboxStore;
  tokens: TokenStore;
}
