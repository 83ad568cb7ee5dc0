import { once } from 'node:events';
import type { StreamResponse } from '@skein/contracts/a2a';
import { createFakeClock } from '@skein/contracts/testing';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { type CallContext, createA2AClient, createA2AServer, createUndiciHttp } from './index.ts';
import { createTestCard, serveApp, textMessage } from './testing/index.ts';
import { scriptedHandler } from './testing/test-agent.ts';

const uri = 'urn:test:rows';
const task = { id: 'row', contextId: 'c', status: { state: 'TASK_STATE_WORKING' as const } };

/** Our client and server over real HTTP, mounted in another app; the clock stands still, so that no time limit helps. */
async function connect() {
  const calls: CallContext[] = [];
  let onCall = () => {};
  const arrive = (context: CallContext) => {
    calls.push(context);
    onCall();
  };
  const gone = (signal: AbortSignal) => (signal.aborted ? Promise.resolve() : once(signal, 'abort'));
  const clock = createFakeClock();
  const server = createA2AServer({
    card: createTestCard(),
    clock,
    executor: { async *execute() {} },
    extensions: [
      {
        uri,
        methods: {
          Wait: {
            async handle(_, context) {
              arrive(context);
              await gone(context.signal);
            },
          },
        },
        messages: scriptedHandler(async function* (context): AsyncGenerator<StreamResponse> {
          arrive(context);
          yield { task };
          await gone(context.signal);
        }),
      },
    ],
  });
  const served = await serveApp(new Hono().route('/', server.app).fetch);
  const http = createUndiciHttp();
  const client = createA2AClient({ endpoint: `${served.origin}/a2a`, http, extensions: [uri], clock });
  return {
    client,
    /** The context of the next call to arrive. */
    nextCall: () =>
      new Promise<CallContext>((resolve) => {
        onCall = () => resolve(calls.at(-1) as CallContext); // it was pushed just before
      }),
    async [Symbol.asyncDispose]() {
      await server.close();
      await http.close();
      await served.close();
    },
  };
}

test.each(['Wait', 'SendMessage'])('a client that gives %s up aborts it on the server', async (method) => {
  await using joined = await connect();
  const leaving = new AbortController();
  const arrived = joined.nextCall();
  const params = textMessage('hi', { extensions: [uri] });
  const call = joined.client.call(method, params, { signal: leaving.signal }).catch((cause: unknown) => cause);
  const { signal } = await arrived;
  leaving.abort(new Error('enough'));
  expect(await call).toMatchObject({ message: 'enough' });
  if (!signal.aborted) await once(signal, 'abort');
});

test('a client that leaves a stream aborts it on the server', async () => {
  await using joined = await connect();
  const arrived = joined.nextCall();
  for await (const event of joined.client.sendStreamingMessage(textMessage('hi', { extensions: [uri] }))) {
    expect(event).toEqual({ task });
    break;
  }
  const { signal } = await arrived;
  if (!signal.aborted) await once(signal, 'abort');
});
