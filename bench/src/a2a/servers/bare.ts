import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { becomeServer } from '../../harness/program.ts';
import { type BareRequest, bareArtifact, bareTask } from './bare-answer.ts';

/** The limit: node:http that parses the request and writes the same answer, with nothing in between. */
const tasks = new Map<string, object>();
/** A ring of the newest ids: to ask the map for its oldest key would pass all that it has forgotten. */
const newest = new Array<string>(10_000).fill('');
let made = 0;

function remember(task: { id: string }): void {
  const at = made % newest.length;
  tasks.delete(newest[at] ?? '');
  newest[at] = task.id;
  tasks.set(task.id, task);
  made += 1;
}

function answer({ id, method, params }: BareRequest, response: ServerResponse): void {
  let result: object | undefined;
  if (method === 'GetTask') {
    result = tasks.get(params.id ?? '');
  } else {
    const task = bareTask(params.message);
    remember(task);
    result = { task };
  }
  const body = JSON.stringify({ jsonrpc: '2.0', id, result });
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

function stream({ id, params }: BareRequest, response: ServerResponse): void {
  const task = bareTask(params.message);
  remember(task);
  const { id: taskId, contextId, status, history } = task;
  const send = (result: object) => response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', id, result })}\n\n`);
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  send({ task: { id: taskId, contextId, status: { ...status, state: 'TASK_STATE_SUBMITTED' }, history } });
  send({ artifactUpdate: { taskId, contextId, artifact: bareArtifact } });
  send({ statusUpdate: { taskId, contextId, status } });
  response.end();
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const only = chunks.length === 1 ? chunks[0] : undefined;
    const asked = JSON.parse((only ?? Buffer.concat(chunks)).toString()) as BareRequest; // the load sends nothing else
    if (asked.method === 'SendStreamingMessage') stream(asked, response);
    else answer(asked, response);
  });
});
server.listen(0, '127.0.0.1', () => becomeServer((server.address() as AddressInfo).port));
