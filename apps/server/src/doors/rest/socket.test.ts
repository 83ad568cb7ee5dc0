/** The REST door on a real socket, where requests are what the server makes of them: lengths missing, bodies in chunks. */
import { systemClock } from '@skein/contracts/runtime';
import { createMemoryLogger } from '@skein/contracts/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Listener, openListener } from '../../listener.ts';
import { createRest } from '../doors.ts';
import { createOperatorCheck } from '../operator.ts';

const TOKEN = 'skein_operator_right';
let listener: Listener;

beforeAll(async () => {
  const unused = async (): Promise<never> => {
    throw new Error('this test does not come so far');
  };
  const node = {
    ...{ cortexPeers: [], listNodes: async () => [], getNode: async () => undefined, submit: unused, dispatch: unused },
    ...{ dispatchStream: unused, follow: unused, cancelDirective: unused, getDirective: async () => undefined },
    listDirectives: async () => [],
    createJoinToken: async () => ({ token: 'skein_join_x', expiresAt: '2026-01-01T00:10:00.000Z' }),
    // Only what this door is asked for here.
  } as unknown as Parameters<typeof createRest>[0]['node'];
  const isOperator = createOperatorCheck(TOKEN);
  const app = createRest({ node, isOperator, clock: systemClock, logger: createMemoryLogger() });
  listener = await openListener({ host: '127.0.0.1', port: 0, strictPort: false });
  listener.serve((request) => app.fetch(request));
});
afterAll(() => listener.close(0));

async function call(method: string, path: string, body?: string | ReadableStream) {
  const reply = await fetch(`http://127.0.0.1:${listener.port}${path}`, {
    ...{ method, headers: { authorization: `Bearer ${TOKEN}` } },
    ...(body !== undefined && { body, duplex: 'half' }),
  });
  return { status: reply.status, body: await reply.json() };
}

const chunked = (...chunks: string[]) => ReadableStream.from(chunks.map((chunk) => new TextEncoder().encode(chunk)));

test.each([
  { what: 'a POST without a body', method: 'POST', path: '/tokens', status: 201 },
  {
    what: 'a body in chunks',
    method: 'POST',
    path: '/tokens',
    body: () => chunked('{"tier":', '"sudo"}'),
    status: 201,
  },
  { what: 'a broken body in chunks', method: 'POST', path: '/tokens', body: () => chunked('{', 'nope'), status: 400 },
  { what: 'a method that is not there', method: 'DELETE', path: '/nodes', status: 404 },
  { what: 'a path that is not there', method: 'PUT', path: '/nothing', status: 404 },
])('$what is answered as it deserves', async ({ method, path, body, status }) => {
  const reply = await call(method, path, body?.());
  expect(reply.status).toBe(status);
  if (status >= 400) expect(reply.body).toMatchObject({ error: { reason: expect.any(String) } });
});
