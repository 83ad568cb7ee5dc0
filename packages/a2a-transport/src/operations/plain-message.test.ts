import { SendMessageParams } from '@skein/contracts/a2a';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { respellParams } from '../dialects/spelling.ts';
import { knownMessage } from './known-fields.ts';
import { isPlainMessage } from './plain-message.ts';

const plain = {
  message: {
    messageId: 'm',
    role: 'ROLE_USER',
    parts: [{ text: '', mediaType: 'text/plain' }, { text: 'two' }],
    contextId: 'c',
    taskId: 't',
    metadata: { task_id: null, '': '' },
  },
  configuration: { historyLength: 0, acceptedOutputModes: ['text/plain'], returnImmediately: false },
  metadata: { locale: 'en' },
};

test('what nearly everybody sends is plain', () => {
  expect(isPlainMessage(plain)).toBe(true);
  const { messageId, role, parts } = plain.message;
  expect(isPlainMessage({ message: { messageId, role, parts } })).toBe(true);
});

const asJson = (value: unknown) => JSON.parse(JSON.stringify(value));

/** One field of the message changed, at one of the places where a schema or a spelling has something to say. */
const values = fc.constantFrom<unknown>(
  ...['', 'x', 'ROLE_AGENT', 'ROLE_UNSPECIFIED', 0, 1, -1, 1.5, 2 ** 60, Number.NaN, true, null, undefined],
  ...[[], {}, [null], [''], ['x'], [{}], [{ text: 'x' }], [{ text: 'x', data: 1 }], [{ url: 'x' }], [{ text: 7 }]],
  ...[
    [{ text: 'x', mediaType: '' }],
    [{ text: 'x', media_type: 'y' }],
    [{ text: 'x', metadata: {} }],
    [[]],
    [{ raw: '' }],
  ],
);
const places = fc.constantFrom(
  ...['', 'message', 'configuration', 'metadata', 'tenant', 'unknown'].map((key) => [key]),
  ...['messageId', 'role', 'parts', 'contextId', 'taskId', 'task_id', 'metadata', 'extensions', 'kind'].map((key) => [
    'message',
    key,
  ]),
  ...['historyLength', 'history_length', 'acceptedOutputModes', 'returnImmediately', 'taskPushNotificationConfig'].map(
    (key) => ['configuration', key],
  ),
);

test('what is called plain no other check would refuse or change', () => {
  let accepted = 0;
  fc.assert(
    fc.property(fc.array(fc.tuple(places, values), { maxLength: 3 }), (changes) => {
      const params: Record<string, unknown> = asJson(plain);
      for (const [path, value] of changes) {
        const [first = '', second] = path;
        const within = second === undefined ? params : params[first];
        if (typeof within !== 'object' || within === null) continue;
        Object.assign(within, { [second ?? first]: typeof value === 'object' ? asJson(value) : value });
      }
      if (!isPlainMessage(params)) return;
      accepted += 1;
      expect(respellParams(params)).toBe(params);
      expect(SendMessageParams.parse(params)).toEqual(params);
      expect(knownMessage(params.message)).toBe(params.message);
    }),
    { numRuns: 5_000 },
  );
  expect(accepted).toBeGreaterThan(100);
});

test.each<unknown>([undefined, null, 7, 'text', [], {}, { message: [] }, [plain]])('%j is not plain', (params) => {
  expect(isPlainMessage(params)).toBe(false);
});
