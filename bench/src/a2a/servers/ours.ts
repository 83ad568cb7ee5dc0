import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createA2AServer } from '@skein/a2a-transport';
import { becomeServer } from '../../harness/program.ts';
import { ourAgent, ourCard } from './our-agent.ts';

/** Our server with its default store. */
const { listener } = createA2AServer({ card: ourCard, executor: ourAgent });
const server = createServer(listener);
server.listen(0, '127.0.0.1', () => becomeServer((server.address() as AddressInfo).port));
