import { inject } from 'vitest';
import { a2aOnPostgres } from './a2a-subject.ts';
import { onPostgres } from './subject.ts';
import { agentStoreSuite } from './suites/agent-store-suite.ts';
import { inboxStoreSuite } from './suites/inbox-store-suite.ts';
import { mailStoreSuite } from './suites/mail-store-suite.ts';
import { nodeStoreSuite } from './suites/node-store-suite.ts';
import { outboxStoreSuite } from './suites/outbox-store-suite.ts';
import { pushConfigStoreSuite } from './suites/push-config-store-suite.ts';
import { stateStoreSuite } from './suites/state-store-suite.ts';
import { taskStoreSuite } from './suites/task-store-suite.ts';
import { tokenStoreSuite } from './suites/token-store-suite.ts';
import { usageBoundsSuite } from './suites/usage-bounds-suite.ts';
import { usageLedgerSuite } from './suites/usage-ledger-suite.ts';

const subject = onPostgres(inject('testCluster'));
const a2aSubject = a2aOnPostgres(inject('testCluster'));

nodeStoreSuite('postgres', subject);
outboxStoreSuite('postgres', subject);
inboxStoreSuite('postgres', subject);
tokenStoreSuite('postgres', subject);
agentStoreSuite('postgres', subject);
mailStoreSuite('postgres', subject);
stateStoreSuite('postgres', subject);
usageLedgerSuite('postgres', subject);
usageBoundsSuite('postgres', subject);
taskStoreSuite('postgres', a2aSubject);
pushConfigStoreSuite('postgres', a2aSubject);
