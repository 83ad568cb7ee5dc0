import { inMemory } from './subject.ts';
import { agentStoreSuite } from './suites/agent-store-suite.ts';
import { inboxStoreSuite } from './suites/inbox-store-suite.ts';
import { mailStoreSuite } from './suites/mail-store-suite.ts';
import { nodeStoreSuite } from './suites/node-store-suite.ts';
import { outboxStoreSuite } from './suites/outbox-store-suite.ts';
import { stateStoreSuite } from './suites/state-store-suite.ts';
import { tokenStoreSuite } from './suites/token-store-suite.ts';
import { usageLedgerSuite } from './suites/usage-ledger-suite.ts';

nodeStoreSuite('memory', inMemory);
outboxStoreSuite('memory', inMemory);
inboxStoreSuite('memory', inMemory);
tokenStoreSuite('memory', inMemory);
agentStoreSuite('memory', inMemory);
mailStoreSuite('memory', inMemory);
stateStoreSuite('memory', inMemory);
usageLedgerSuite('memory', inMemory);
