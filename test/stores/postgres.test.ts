import { inject } from 'vitest';
import { onPostgres } from './subject.ts';
import { inboxStoreSuite } from './suites/inbox-store-suite.ts';
import { nodeStoreSuite } from './suites/node-store-suite.ts';
import { outboxStoreSuite } from './suites/outbox-store-suite.ts';
import { tokenStoreSuite } from './suites/token-store-suite.ts';

const subject = onPostgres(inject('testCluster'));

nodeStoreSuite('postgres', subject);
outboxStoreSuite('postgres', subject);
inboxStoreSuite('postgres', subject);
tokenStoreSuite('postgres', subject);
