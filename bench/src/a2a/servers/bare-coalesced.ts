import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import postgres from 'postgres';
import { becomeServer } from '../../harness/program.ts';
import { type BareRequest, bareTask } from './bare-answer.ts';
import { databaseTarget } from './database-target.ts';

/**
 * The limit with a database: node:http and postgres.js. A task is answered when it is committed; those that come while
 * a statement is on its way travel together in the next one.
 */
const { host, port, user, database } = databaseTarget();
const sql = postgres({ host, port, user, database, max: 2 });
await sql`create table bare_tasks (id text primary key, context_id text not null, state text not null, task text not null)`;

type Task = ReturnType<typeof bareTask>;

interface Waiting {
  task: Task;
  answer(stored: boolean): void;
}

const maxFlights = 2;
let waiting: Waiting[] = [];
let flights = 0;
let woken = false;

function wake(): void {
  if (woken || flights >= maxFlights || waiting.length === 0) return;
  woken = true;
  setImmediate(() => {
    woken = false;
    const group = waiting;
    waiting = [];
    flights += 1;
    insert(group.map(({ task }) => task))
      .then(() => true)
      .catch(() => false)
      .then((stored) => {
        flights -= 1;
        for (const { answer } of group) answer(stored);
        wake();
      });
  });
}

async function insert(tasks: readonly Task[]): Promise<void> {
  const ids = tasks.map(({ id }) => id);
  const contexts = tasks.map(({ contextId }) => contextId);
  const states = tasks.map(({ status }) => status.state);
  const texts = tasks.map((task) => JSON.stringify(task));
  await sql`insert into bare_tasks select * from unnest(${ids}::text[], ${contexts}::text[], ${states}::text[], ${texts}::text[])`;
}

function answer({ id, params }: BareRequest, response: ServerResponse): void {
  const task = bareTask(params.message);
  waiting.push({
    task,
    answer(stored) {
      const body = JSON.stringify(
        stored ? { jsonrpc: '2.0', id, result: { task } } : { jsonrpc: '2.0', id, error: {} },
      );
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
      response.end(body);
    },
  });
  wake();
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  // The load sends nothing else.
  request.on('end', () => answer(JSON.parse(Buffer.concat(chunks).toString()) as BareRequest, response));
});
server.listen(0, '127.0.0.1', () => becomeServer((server.address() as AddressInfo).port));
