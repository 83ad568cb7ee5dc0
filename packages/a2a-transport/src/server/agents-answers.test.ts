/** Over JSON-RPC: an agent that answers with a message, and one that answers what A2A does not allow. */
import { createMemoryLogger, createSeededRandom } from '@skein/contracts/testing';
import { describe, expect, test } from 'vitest';
import { A2AError } from '../errors.ts';
import { decodeSse } from '../json-rpc/sse.ts';
import { collect } from '../testing/collect.ts';
import { callMethod } from '../testing/rpc.ts';
import { textMessage } from '../testing/test-agent.ts';
import type { AgentEvent, AgentExecutor } from './agent-executor.ts';
import { createA2AServer } from './server.ts';

function create(execute: AgentExecutor['execute']) {
  const logger = createMemoryLogger();
  const server = createA2AServer({
    card: { name: 'Answers' },
    executor: { execute },
    logger,
    random: createSeededRandom(1),
  });
  const call = async (method: string, params: object, headers: Record<string, string> = {}) => {
    const { body } = await callMethod(server, method, params, headers);
    return Object(body);
  };
  const stream = async (params: object) => {
    const reply = await server.app.request('/a2a', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'a2a-version': '1.0' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'SendStreamingMessage', params }),
    });
    if (!reply.body) throw new Error('a stream was expected');
    const items = await collect(decodeSse(reply.body, { maxEventChars: 100_000 }));
    return items.flatMap((item) =>
      item.type === 'event' ? [{ id: item.id, result: JSON.parse(item.data).result }] : [],
    );
  };
  const errors = () => logger.lines.filter(({ level }) => level === 'error');
  return { call, stream, errors };
}

describe('a message that is the whole answer', () => {
  const { call, stream } = create(async function* ({ message }) {
    const messageId = message.parts[0]?.text === 'named' ? 'its-own' : undefined;
    yield { message: { parts: [{ text: 'yes' }], ...(messageId && { messageId }) } };
  });

  test.each([
    { what: 'a context of the client’s is the answer’s', said: { contextId: 'c-1' }, contextId: 'c-1' },
    { what: 'without one the answer opens one', said: {}, contextId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
  ])('$what, it has an id, and belongs to no task', async ({ said, contextId }) => {
    const { result } = await call('SendMessage', textMessage('hi', said));
    expect(result).toEqual({
      message: {
        messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        ...{ role: 'ROLE_AGENT', contextId, parts: [{ text: 'yes' }] },
      },
    });
  });

  test('two answers have two ids; one that the agent gave stays', async () => {
    const ids = [];
    for (const text of ['hi', 'hi', 'named']) {
      ids.push((await call('SendMessage', textMessage(text))).result.message.messageId);
    }
    expect(ids[2]).toBe('its-own');
    expect(new Set(ids).size).toBe(3);
  });

  test('streamed it is one event under its own id, whatever history was asked for, and nothing to resume', async () => {
    const events = await stream({ ...textMessage('hi'), configuration: { historyLength: 0 } });
    expect(events).toHaveLength(1);
    const { messageId } = events[0]?.result.message ?? {};
    expect(events[0]?.id).toBe(`${messageId}/1`);
    const headers = { 'last-event-id': events[0]?.id ?? '' };
    const { error } = await call('SendStreamingMessage', textMessage('hi'), headers);
    expect(error).toMatchObject({ data: [{ reason: 'TASK_NOT_FOUND' }] });
    expect((await call('ListTasks', {})).result.totalSize).toBe(0);
  });

  test('within a task it names that task, which stays as it was', async () => {
    const { call } = create(async function* ({ task }) {
      yield task
        ? { message: { parts: [{ text: 'not yet' }] } }
        : { status: { state: 'TASK_STATE_INPUT_REQUIRED' as const } };
    });
    const { id, contextId } = (await call('SendMessage', textMessage('hi'))).result.task;
    const { result } = await call('SendMessage', textMessage('well?', { taskId: id }));
    expect(result).toMatchObject({ message: { taskId: id, contextId, role: 'ROLE_AGENT' } });
    expect((await call('GetTask', { id })).result.status.state).toBe('TASK_STATE_INPUT_REQUIRED');
  });
});

describe('what A2A does not allow is the agent’s fault', () => {
  const wrong: [string, unknown][] = [
    ['nothing', null],
    ['a text', 'hi'],
    ['a message without parts', { message: { parts: [] } }],
    ['a part of nothing', { message: { parts: [{}] } }],
    ['a part of two things', { artifact: { parts: [{ text: 'a', url: 'b' }] } }],
    ['an artifact of nothing', { artifact: {} }],
    ['a state of v0.3', { status: { state: 'working' } }],
    ['a status without one', { status: {} }],
    ['a status message without parts', { status: { state: 'TASK_STATE_WORKING', message: { parts: [] } } }],
  ];

  test.each(wrong)('%s instead of an event is refused, and its author finds it in the log', async (_what, event) => {
    const { call, errors } = create(async function* () {
      yield event as AgentEvent; // of a program without types
    });
    const { error } = await call('SendMessage', textMessage('hi'));
    expect(error).toMatchObject({ code: -32006, data: [{ reason: 'INVALID_AGENT_RESPONSE' }] });
    expect(errors()).toMatchObject([
      { message: 'agent failed', fields: { taskId: expect.any(String), error: { reason: 'INVALID_AGENT_RESPONSE' } } },
    ]);
  });

  test.each([...wrong, ['a message after the task began', { message: { parts: [{ text: 'late' }] } }]])(
    '%s in the middle of a task fails it, and its author finds it in the log',
    async (_what, event) => {
      const { call, errors } = create(async function* () {
        yield { status: { state: 'TASK_STATE_WORKING' } };
        yield event as AgentEvent; // of a program without types
      });
      const { result } = await call('SendMessage', textMessage('hi'));
      expect(result.task.status.state).toBe('TASK_STATE_FAILED');
      expect(errors()).toMatchObject([
        { fields: { taskId: result.task.id, error: { reason: 'INVALID_AGENT_RESPONSE' } } },
      ]);
    },
  );

  test('a refusal that the agent meant for its caller is no fault, and no line in the log', async () => {
    const { call, errors } = create(async function* ({ message }) {
      if (message.parts[0]?.text) throw new A2AError('CONTENT_TYPE_NOT_SUPPORTED', 'no texts');
      yield { status: { state: 'TASK_STATE_WORKING' } };
    });
    expect((await call('SendMessage', textMessage('hi'))).error).toMatchObject({ code: -32005, message: 'no texts' });
    expect(errors()).toEqual([]);
  });
});
