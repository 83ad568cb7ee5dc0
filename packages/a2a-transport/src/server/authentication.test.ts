import { describe, expect, test, vi } from 'vitest';
import { callMethod, postRaw } from '../testing/rpc.ts';
import { createTestCard, textMessage } from '../testing/test-agent.ts';
import type { AgentExecutor } from './agent-executor.ts';
import type { Authenticator } from './principal.ts';
import { createA2AServer } from './server.ts';

const execute = vi.fn<AgentExecutor['execute']>(async function* ({ message }) {
  if (message.parts[0]?.text === 'ask') yield { status: { state: 'TASK_STATE_INPUT_REQUIRED' } };
});
const authenticator: Authenticator = {
  async authenticate({ headers }) {
    const credential = headers.get('authorization');
    if (!credential) return { status: 'anonymous' };
    const [, name = ''] = credential.split(' ');
    if (name === 'crash') throw new Error('the key store is down');
    if (name === 'expired') {
      return { status: 'refused', reason: 'TOKEN_EXPIRED', message: 'too old', metadata: { serverTime: '1' } };
    }
    return { status: 'authenticated', principal: { id: name, kind: 'node' } };
  },
};
const uri = 'urn:test:open';
const server = createA2AServer({
  card: createTestCard(),
  executor: { execute },
  authenticator,
  extensions: [
    {
      uri,
      methods: {
        Open: { public: true, handle: async (_, { principal }) => ({ caller: principal?.id ?? 'nobody' }) },
        Shut: { handle: async (_, { principal }) => ({ caller: principal?.id }) },
      },
    },
  ],
});
const as = (name: string) => ({ authorization: `Bearer ${name}` });
const activated = { 'a2a-extensions': uri };

describe('without credentials', () => {
  test.each(['SendMessage', 'SendStreamingMessage', 'GetTask', 'CancelTask', 'Shut'])(
    '%s answers 401',
    async (method) => {
      const { status, headers, body } = await callMethod(server, method, textMessage('hi'), activated);
      expect(status).toBe(401);
      expect(headers.get('www-authenticate')).toBe('Bearer');
      expect(body).toMatchObject({
        id: 1,
        error: { code: -31000, data: [{ reason: 'UNAUTHENTICATED', domain: 'skein' }] },
      });
      expect(execute).not.toHaveBeenCalled();
    },
  );

  test('a version that is not spoken changes nothing of it', async () => {
    expect((await callMethod(server, 'SendMessage', textMessage('hi'), { 'a2a-version': null })).status).toBe(401);
  });

  test('a notification is not carried out', async () => {
    const body = JSON.stringify({ jsonrpc: '2.0', method: 'SendMessage', params: textMessage('hi') });
    expect(await postRaw(server, body)).toMatchObject({ status: 401, body: undefined });
    expect(execute).not.toHaveBeenCalled();
  });

  test('a batch answers each call, and 401 as soon as one needs credentials', async () => {
    const calls = ['Open', 'Shut'].map((method, id) => ({ jsonrpc: '2.0', id, method }));
    expect(await postRaw(server, JSON.stringify(calls), activated)).toMatchObject({
      status: 401,
      body: [{ result: { caller: 'nobody' } }, { error: { data: [{ reason: 'UNAUTHENTICATED' }] } }],
    });
  });

  test('the card and public methods are open', async () => {
    expect((await server.app.request('/.well-known/agent-card.json')).status).toBe(200);
    expect(await callMethod(server, 'Open', {}, activated)).toMatchObject({
      status: 200,
      body: { result: { caller: 'nobody' } },
    });
  });
});

test('bad credentials are 401 with their reason, even for what is public', async () => {
  for (const method of ['Open', 'SendMessage', 'Nope']) {
    const { status, headers, body } = await callMethod(server, method, {}, { ...activated, ...as('expired') });
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toBe('Bearer');
    expect(body).toMatchObject({
      error: {
        message: 'too old',
        data: [{ reason: 'TOKEN_EXPIRED', domain: 'skein', metadata: { serverTime: '1' } }],
      },
    });
  }
});

test('an authenticator that fails lets nobody in and tells nothing', async () => {
  const { status, body } = await callMethod(server, 'Open', {}, { ...activated, ...as('crash') });
  expect(status).toBe(500);
  expect(JSON.stringify(body)).not.toContain('key store');
});

test('the authenticator sees the exact bytes, and methods see who calls', async () => {
  const authenticate = vi.spyOn(authenticator, 'authenticate');
  const { body } = await callMethod(server, 'Shut', { ü: 1 }, { ...activated, ...as('goose') });
  expect(body).toMatchObject({ result: { caller: 'goose' } });
  const seen = authenticate.mock.lastCall?.[0];
  expect(new TextDecoder().decode(seen?.body)).toBe('{"jsonrpc":"2.0","id":1,"method":"Shut","params":{"ü":1}}');
  expect(seen?.url).toMatch(/\/a2a$/);
});

test("another principal's task answers exactly as an unknown one", async () => {
  const sent = await callMethod(server, 'SendMessage', textMessage('ask'), as('owner'));
  const { result } = sent.body as { result: { task: { id: string } } }; // asserted by what follows
  const { id } = result.task;
  const answers = async (method: string, taskId: string, name: string) => {
    const params = method === 'SendMessage' ? textMessage('more', { taskId }) : { id: taskId };
    return JSON.stringify((await callMethod(server, method, params, as(name))).body).replaceAll(taskId, '<id>');
  };
  for (const method of ['GetTask', 'CancelTask', 'SendMessage']) {
    expect(await answers(method, id, 'stranger')).toBe(await answers(method, 'random', 'stranger'));
  }
  expect(await answers('GetTask', id, 'owner')).toContain('TASK_STATE_INPUT_REQUIRED');
  expect(await answers('CancelTask', id, 'owner')).toContain('TASK_STATE_CANCELED');
});
