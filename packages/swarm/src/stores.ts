/** The ports that a node stores itself through. Each has an implementation in memory and one on Postgres, under one suite. */
import type { PushConfigStore } from '@skein/a2a-transport';
import type { AgentStore } from './agents/agent-store.ts';
import type { InboxStore } from './directives/inbox-store.ts';
import type { OutboxStore } from './directives/outbox-store.ts';
import type { MailStore } from './mail/mail-store.ts';
import type { NodeStore } from './membership/node-store.ts';
import type { UsageLedger } from './resources/usage-ledger.ts';
import type { TokenStore } from './security/token-store.ts';
import type { StateStore } from './state/state-store.ts';
import type { PlainTaskStore } from './tasks/plain-task-store.ts';

/** Every port of a node, each for rows of its own. `createInMemoryStores` and `@skein/drizzle` make them. */
export interface SwarmStores {
  nodes: NodeStore;
  outbox: OutboxStore;
  inbox: InboxStore;
  tokens: TokenStore;
  agents: AgentStore;
  mail: MailStore;
  state: StateStore;
  usage: UsageLedger;
  /** Tasks of plain messages: of one node alone, whatever else is kept there. */
  a2aTasks: PlainTaskStore;
  /** Where the updates of those tasks are posted. */
  pushConfigs: PushConfigStore;
}
