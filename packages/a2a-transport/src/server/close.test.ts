import { createFakeClock } from '@skein/contracts/testing';
import { expect, test, vi } from 'vitest';
import { createA2AClient } from '../client/client.ts';
import { createLinkedHttp } from '../testing/linked-http.ts';
import { createTestCard, textMessage } from '../testing/test-agent.ts';
import type { AgentExecutor } from './agent-executor.ts';
import { createA2AServer } from './server.ts';

test('closing ends open streams, aborts executors and may be asked for twice', async () => {
  const stopped = vi.fn();
  const executor: AgentExecutor = {
    async *execute(_, { signal }) {
      yield { status: { state: 'TASK_STATE_WORKING' } };
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      stopped();
    },
  };
  const server = createA2AServer({ card: createTestCard(), executor, clock: createFakeClock() });
  const http = createLinkedHttp(new Map([['http://agent.test', server.app.fetch]]));
  const client = createA2AClient({ endpoint: 'http://agent.test/a2a', http, clock: createFakeClock() });
  const events = client.sendStreamingMessage(textMessage('hi'))[Symbol.asyncIterator]();
  await events.next();
  await events.next();
  const blocking = client.sendMessage(textMessage('wait')).catch((cause: unknown) => cause);
  await Promise.all([server.close(), server.close(), server[Symbol.asyncDispose]()]);
  expect((await events.next()).value).toMatchObject({ statusUpdate: { status: { state: 'TASK_STATE_FAILED' } } });
  expect((await events.next()).done).toBe(true);
  expect(stopped).toHaveBeenCalled();
  await blocking;
});
