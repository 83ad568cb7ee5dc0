import type { StreamResponse, Task } from '@skein/contracts/a2a';
import { describe, expect, test, vi } from 'vitest';
import { A2AError } from '../errors.ts';
import { callMethod } from '../testing/rpc.ts';
import { createTestCard, scriptedHandler, textMessage } from '../testing/test-agent.ts';
import { type ServerExtension, withExtensions } from './extensions.ts';
import { createA2AServer } from './server.ts';
import type { A2AServerOptions } from './server-options.ts';

const uri = 'urn:test:rows';
const on = { 'a2a-extensions': `urn:other:thing, ${uri}` };
const ids = { taskId: 'row-1', contextId: 'c' };
const row = (state: Task['status']['state']): Task => ({ id: 'row-1', contextId: 'c', status: { state } });

function create(overrides: Partial<ServerExtension> = {}, options: Partial<A2AServerOptions> = {}) {
  const said = vi.fn(async function* (): AsyncGenerator<StreamResponse> {
    yield { task: row('TASK_STATE_SUBMITTED') };
    yield { artifactUpdate: { ...ids, artifact: { artifactId: 'a', parts: [{ data: 1 }] } } };
    yield { statusUpdate: { ...ids, status: { state: 'TASK_STATE_COMPLETED' } } };
  });
  const extension: ServerExtension = {
    uri,
    description: 'Rows',
    params: { kinds: ['a'] },
    methods: { RowCount: { handle: async (params, { extensions }) => ({ params, extensions: [...extensions] }) } },
    messages: scriptedHandler(said, {
      getTask: async (id) => (id === 'row-1' ? row('TASK_STATE_COMPLETED') : undefined),
      cancelTask: async (id) => {
        if (id === 'row-1') throw new A2AError('TASK_NOT_CANCELABLE', 'too late');
        return undefined;
      },
    }),
    ...overrides,
  };
  const execute = vi.fn(async function* () {});
  const server = createA2AServer({
    card: createTestCard(),
    executor: { execute },
    extensions: [extension],
    ...options,
  });
  return { server, send: said, execute };
}

describe('activation', () => {
  test.each([
    { header: uri, echoed: uri },
    { header: `x,${uri} , y`, echoed: uri },
    { header: `${uri}/`, echoed: null },
    { header: 'urn:other:thing', echoed: null },
    { header: null, echoed: null },
  ])('$header is echoed as $echoed', async ({ header, echoed }) => {
    const { headers } = await callMethod(create().server, 'GetTask', { id: 'x' }, { 'a2a-extensions': header });
    expect(headers.get('a2a-extensions')).toBe(echoed);
  });

  test('a stream echoes it too', async () => {
    const { server } = create();
    const reply = await server.app.request('/a2a', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'a2a-version': '1.0', ...on },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'SendStreamingMessage', params: textMessage('hi') }),
    });
    expect(reply.headers.get('content-type')).toBe('text/event-stream');
    expect(reply.headers.get('a2a-extensions')).toBe(uri);
    await reply.body?.cancel();
  });

  test('a required extension that is left out is -32008, and passes when it is there', async () => {
    const { server } = create({ required: true });
    expect((await callMethod(server, 'GetTask', { id: 'row-1' })).body).toMatchObject({
      error: { code: -32008, data: [{ reason: 'EXTENSION_SUPPORT_REQUIRED', metadata: { extension: uri } }] },
    });
    expect((await callMethod(server, 'GetTask', { id: 'row-1' }, on)).body).toMatchObject({ result: { id: 'row-1' } });
  });
});

describe('methods', () => {
  test('without activation a method does not exist', async () => {
    const { server } = create();
    expect((await callMethod(server, 'RowCount', {})).body).toMatchObject({ error: { code: -32601 } });
    expect((await callMethod(server, 'RowCount', { a: 1 }, on)).body).toMatchObject({
      result: { params: { a: 1 }, extensions: [uri] },
    });
  });

  test('the version rule is theirs too', async () => {
    const headers = { ...on, 'a2a-version': null };
    expect((await callMethod(create().server, 'RowCount', {}, headers)).body).toMatchObject({
      error: { code: -32009 },
    });
  });

  test('a name that is taken is a mistake at the start', () => {
    expect(() => create({ methods: { GetTask: { handle: async () => ({}) } } })).toThrow(/GetTask/);
  });
});

describe('messages', () => {
  const marked = [
    { name: 'metadata', params: textMessage('hi', { metadata: { [uri]: {} } }) },
    { name: 'extensions', params: textMessage('hi', { extensions: [uri] }) },
  ];
  test.each(marked)('marked by $name, they go to the extension and come back drained', async ({ params }) => {
    const { server, send, execute } = create();
    const { body } = await callMethod(server, 'SendMessage', params, on);
    expect(body).toMatchObject({
      result: { task: { id: 'row-1', status: { state: 'TASK_STATE_COMPLETED' }, artifacts: [{ artifactId: 'a' }] } },
    });
    expect(send).toHaveBeenCalledOnce();
    expect(execute).not.toHaveBeenCalled();
  });

  test('returnImmediately answers with the first item', async () => {
    const params = { ...textMessage('hi', { extensions: [uri] }), configuration: { returnImmediately: true } };
    expect((await callMethod(create().server, 'SendMessage', params, on)).body).toMatchObject({
      result: { task: { status: { state: 'TASK_STATE_SUBMITTED' } } },
    });
  });

  test.each(marked)('marked by $name without the header, they are refused and reach nobody', async ({ params }) => {
    const { server, send, execute } = create();
    for (const method of ['SendMessage', 'SendStreamingMessage']) {
      const { body } = await callMethod(server, method, params);
      expect(body).toMatchObject({ error: { code: -32602, message: expect.stringContaining('A2A-Extensions') } });
    }
    expect(send).not.toHaveBeenCalled();
    expect(execute).not.toHaveBeenCalled();
  });

  test('a plain message goes to the agent, activated or not', async () => {
    const { server, send, execute } = create();
    await callMethod(server, 'SendMessage', textMessage('hi'), on);
    await callMethod(server, 'SendMessage', textMessage('hi'));
    expect(send).not.toHaveBeenCalled();
    expect(execute).toHaveBeenCalledTimes(2);
  });

  test("the extension's tasks are found, and refuse to be cancelled in its own words", async () => {
    const { server } = create();
    expect((await callMethod(server, 'GetTask', { id: 'row-1' })).body).toMatchObject({ result: { id: 'row-1' } });
    expect((await callMethod(server, 'CancelTask', { id: 'row-1' })).body).toMatchObject({
      error: { code: -32002, message: 'too late' },
    });
    expect((await callMethod(server, 'GetTask', { id: 'row-2' })).body).toMatchObject({ error: { code: -32001 } });
  });

  test('a plain message to one of its tasks is refused as what it is, to whoever can see the task alone', async () => {
    const { server, send } = create();
    for (const method of ['SendMessage', 'SendStreamingMessage']) {
      expect((await callMethod(server, method, textMessage('hi', { taskId: 'row-1' }))).body).toMatchObject({
        error: { code: -32004, message: expect.stringContaining('takes no messages') },
      });
      const unknown = await callMethod(server, method, textMessage('hi', { taskId: 'row-2' }));
      expect(unknown.body).toMatchObject({ error: { code: -32001 } });
    }
    expect(send).not.toHaveBeenCalled();
  });

  test('what its tasks do is posted nowhere, and that is said to whoever can see the task alone', async () => {
    const { server } = create({}, { card: createTestCard({ capabilities: { pushNotifications: true } }), push: {} });
    const params = { id: 'one', url: 'https://receiver.example/' };
    for (const verb of ['Create', 'Get', 'Delete']) {
      const method = `${verb}TaskPushNotificationConfig`;
      expect((await callMethod(server, method, { ...params, taskId: 'row-1' })).body).toMatchObject({
        error: { code: -32003, message: expect.stringContaining('sends no push notifications') },
      });
      expect((await callMethod(server, method, { ...params, taskId: 'row-2' })).body).toMatchObject({
        error: { code: -32001 },
      });
    }
    expect((await callMethod(server, 'ListTaskPushNotificationConfigs', { taskId: 'row-1' })).body).toMatchObject({
      error: { code: -32003 },
    });
  });

  test.each([
    { name: 'nothing', items: [] },
    { name: 'an update first', items: [{ statusUpdate: { ...ids, status: row('TASK_STATE_WORKING').status } }] },
  ] satisfies { name: string; items: StreamResponse[] }[])(
    'an extension that answers $name is told so',
    async ({ items }) => {
      const messages = scriptedHandler(async function* () {
        yield* items;
      });
      const { server } = create({ messages });
      expect(
        (await callMethod(server, 'SendMessage', textMessage('hi', { extensions: [uri] }), on)).body,
      ).toMatchObject({
        error: { code: -32006 },
      });
    },
  );
});

test('the card declares each extension once, in the words of the server', () => {
  const card = createTestCard({
    capabilities: { streaming: true, extensions: [{ uri: 'urn:a' }, { uri, required: true }] },
  });
  const published = withExtensions(card, [{ uri, description: 'Rows', params: { kinds: ['a'] } }]);
  expect(published.capabilities).toEqual({
    streaming: true,
    extensions: [{ uri: 'urn:a' }, { uri, description: 'Rows', params: { kinds: ['a'] } }],
  });
});
