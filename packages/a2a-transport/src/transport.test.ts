import type { StreamResponse } from '@skein/contracts/a2a';
import { expect, test } from 'vitest';
import { type AgentExecutor, createA2AClient, createA2AServer, resolveAgentCard } from './index.ts';
import { createLinkedHttp, createTestCard, textMessage } from './testing/index.ts';

const echo: AgentExecutor = {
  async *execute({ message }) {
    yield { status: { state: 'TASK_STATE_WORKING' } };
    yield { artifact: { artifactId: 'echo', parts: message.parts } };
    yield { status: { state: 'TASK_STATE_COMPLETED', message: { parts: [{ text: 'done' }] } } };
  },
};

function join(executor: AgentExecutor) {
  const server = createA2AServer({ card: createTestCard(), executor });
  const http = createLinkedHttp(new Map([['http://agent.test', server.app.fetch]]));
  return { server, http, client: createA2AClient({ endpoint: 'http://agent.test/a2a', http }) };
}

test('our client sends to our server and finds the finished task again', async () => {
  const { server, client } = join(echo);
  await using _ = server;
  const answer = await client.sendMessage(textMessage('hello'));
  if (!('task' in answer)) throw new Error('a task was expected');
  expect(answer.task.status.state).toBe('TASK_STATE_COMPLETED');
  expect(answer.task.artifacts).toEqual([{ artifactId: 'echo', parts: [{ text: 'hello' }] }]);
  expect(await client.getTask({ id: answer.task.id })).toEqual(answer.task);
});

test('our client streams what our server tells, from the task to its end', async () => {
  const { server, client } = join(echo);
  await using _ = server;
  const events: StreamResponse[] = [];
  for await (const event of client.sendStreamingMessage(textMessage('hello'))) events.push(event);
  expect(events.map((event) => Object.keys(event)[0])).toEqual([
    'task',
    'statusUpdate',
    'artifactUpdate',
    'statusUpdate',
  ]);
});

test('the card is found with and without the endpoint in the address', async () => {
  const { server, http } = join(echo);
  await using _ = server;
  for (const base of ['', '/', '/a2a', '/a2a/']) {
    expect((await resolveAgentCard(`http://agent.test${base}`, { http })).name).toBe('Test agent');
  }
});
