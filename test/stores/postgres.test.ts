import { inject } from 'vitest';
import { onPostgres } from './subject.ts';
import { agentStoreSuite } from './suites/agent-store-suite.ts';
import { inboxStoreSuite } from './suites/inbox-store-suite.ts';
import { mailStoreSuite } from './suites/mail-store-suite.ts';
import { nodeStoreSuite } from './suites/node-store-suite.ts';
import { outboxStoreSuite } from './suites/outbox-store-suite.ts';
import { stateStoreSuite } from './suites/state-store-suite.ts';
import { tokenStoreSuite } from './suites/token-store-suite.ts';
import { usageBoundsSuite } from './suites/usage-bounds-suite.ts';
import { usageLedgerSuite } from './suites/usage-ledger-suite.ts';

const subject = onPostgres(inject('testCluster'));

nodeStoreSuite('postgres', subject);
outboxStoreSuite('postgres', subject);
inboxStoreSuite('postgres', subject);
tokenStoreSuite('postgres', subject);
agentStoreSuite('postgres', subject);
mailStoreSuite('postgres', subject);
stateStoreSuite('postgres', subject);
usageLedgerSuite('postgres', subject);
usageBoundsSuite('postgres', subject);
