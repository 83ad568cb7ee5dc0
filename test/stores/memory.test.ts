import { inMemory } from './subject.ts';
import { inboxStoreSuite } from './suites/inbox-store-suite.ts';
import { nodeStoreSuite } from './suites/node-store-suite.ts';
import { outboxStoreSuite } from './suites/outbox-store-suite.ts';
import { tokenStoreSuite } from './suites/token-store-suite.ts';

nodeStoreSuite('memory', inMemory);
outboxStoreSuite('memory', inMemory);
inboxStoreSuite('memory', inMemory);
tokenStoreSuite('memory', inMemory);
