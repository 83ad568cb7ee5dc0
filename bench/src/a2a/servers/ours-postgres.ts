import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createA2AServer } from '@skein/a2a-transport';
import { connect, createPostgresA2AStores, migrate } from '@skein/drizzle';
import { becomeServer } from '../../harness/program.ts';
import { databaseTarget } from './database-target.ts';
import { ourAgent, ourCard } from './our-agent.ts';

/** Our server with its tasks on PostgreSQL. */
const database = await connect(databaseTarget(), { applicationName: 'bench' });
await migrate(database);
const { tasks } = createPostgresA2AStores(database, { agent: 'bench' });
const { listener } = createA2AServer({ card: ourCard, executor: ourAgent, taskStore: tasks });
const server = createServer(listener);
server.listen(0, '127.0.0.1', () => becomeServer((server.address() as AddressInfo).port));
