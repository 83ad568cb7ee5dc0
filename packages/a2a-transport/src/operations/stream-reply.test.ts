import type { Message, StreamResponse, Task } from '@skein/contracts/a2a';
import { describe, expect, test } from 'vitest';
import { collect } from '../testing/collect.ts';
import { assertStreams, openStreamReply } from './stream-reply.ts';

const message: Message = { messageId: 'm', role: 'ROLE_AGENT', contextId: 'c', parts: [{ text: 'yes' }] };
const said = (text: string): Message => ({ messageId: text, role: 'ROLE_USER', parts: [{ text }] });
const task: Task = { id: 't', status: { state: 'TASK_STATE_WORKING' }, history: [said('one'), said('two')] };

async function* batches(...all: (readonly StreamResponse[])[]) {
  for (const batch of all) yield batch.map((event) => ({ event }));
}

const eventsIn = async (source: ReturnType<typeof batches>, historyLength?: number) => {
  const { first, rest } = await openStreamReply(source, historyLength);
  const others = await collect({ [Symbol.asyncIterator]: () => rest });
  return [first, ...others].flat().map(({ event }) => event);
};

describe('the beginning of a stream', () => {
  test('that is a message is all of it, whatever history was asked for', async () => {
    expect(await eventsIn(batches([{ message }]), 0)).toEqual([{ message }]);
    expect(await eventsIn(batches([{ message }]))).toEqual([{ message }]);
  });

  test.each<[number | undefined, string[]]>([
    [undefined, ['one', 'two']],
    [0, []],
    [1, ['two']],
    [7, ['one', 'two']],
  ])('that is a task has, asked for %s messages, those: %j', async (historyLength, texts) => {
    const [first] = await eventsIn(batches([{ task }]), historyLength);
    const history = first && 'task' in first ? (first.task.history ?? []) : undefined;
    expect(history?.map(({ messageId }) => messageId)).toEqual(texts);
  });

  test('comes with what came together with it, and the rest follows', async () => {
    const update = { statusUpdate: { taskId: 't', contextId: 'c', status: task.status } };
    expect(await eventsIn(batches([{ task }, update], [update], []), 0)).toEqual([
      { task: expect.not.objectContaining({ history: task.history }) },
      update,
      update,
    ]);
  });

  test('that is none is the agent’s fault', async () => {
    await expect(openStreamReply(batches())).rejects.toMatchObject({ reason: 'INVALID_AGENT_RESPONSE' });
  });

  test('that fails is a plain refusal', async () => {
    const fails = async () => Promise.reject(new Error('no stream today'));
    const failing = { [Symbol.asyncIterator]: () => ({ next: fails }) };
    await expect(openStreamReply(failing)).rejects.toThrow('no stream today');
  });
});

test.each([
  [true, undefined],
  [false, 'UNSUPPORTED_OPERATION'],
  [undefined, 'UNSUPPORTED_OPERATION'],
])('an agent whose card says of streaming %s refuses with %s', (streaming, reason) => {
  const card = { capabilities: streaming === undefined ? {} : { streaming } };
  const refused = () => {
    try {
      assertStreams(() => card);
      return undefined;
    } catch (cause) {
      return Object(cause).reason;
    }
  };
  expect(refused()).toBe(reason);
});
