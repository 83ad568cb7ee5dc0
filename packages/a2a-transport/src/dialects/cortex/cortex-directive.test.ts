import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CortexDirective, readCortexDirective, writeCortexDirective } from './cortex-directive.ts';

const directive: fc.Arbitrary<CortexDirective> = fc.record(
  {
    messageId: fc.string({ minLength: 1, maxLength: 40 }),
    kind: fc.constantFrom('query_resources', 'spawn_agent', 'sync_state'),
    payload: fc.dictionary(
      fc.string().filter((key) => key !== '__proto__' && key !== 'constructor'),
      fc.jsonValue({ maxDepth: 3 }).filter((value) => !/__proto__|constructor/.test(JSON.stringify(value))),
    ),
    priority: fc.constantFrom('low', 'normal', 'high', 'critical'),
    sourceNodeId: fc.string({ maxLength: 40 }),
  },
  { requiredKeys: ['messageId', 'kind', 'payload', 'priority'] },
);

test('what is written is read again, whatever the payload holds', () => {
  fc.assert(
    fc.property(directive, (sent) => {
      const wire: unknown = JSON.parse(JSON.stringify(writeCortexDirective(sent)));
      expect(JSON.stringify(readCortexDirective(wire))).toBe(JSON.stringify(sorted(JSON.parse(JSON.stringify(sent)))));
    }),
  );
});

/** In the order in which it is read. */
const sorted = ({ messageId, kind, payload, priority, sourceNodeId }: CortexDirective) => ({
  ...{ messageId, kind, payload, priority },
  ...(sourceNodeId !== undefined && { sourceNodeId }),
});

test('a build that hands the whole text to its handler finds the payload’s keys in it', () => {
  const asked = { messageId: 'dir_1', kind: 'execute_task', payload: { command: '1' }, priority: 'low' } as const;
  const text: unknown = JSON.parse(writeCortexDirective(asked).message.parts[0]?.text ?? '');
  expect(text).toEqual({ command: '1', kind: 'execute_task', payload: { command: '1' }, priority: 'low' });
});

const message = (text: string, more: object = {}) => ({
  message: { messageId: 'dir_1', role: 'user', parts: [{ text }], metadata: { swarmKind: 'spawn_agent' }, ...more },
});

test('a payload without an envelope is the text itself', () => {
  expect(readCortexDirective(message('{"instruction":"x"}'))).toEqual({
    ...{ messageId: 'dir_1', kind: 'spawn_agent', payload: { instruction: 'x' }, priority: 'normal' },
  });
});

test.each<[what: string, params: unknown, says: RegExp]>([
  ['no message', undefined, /no message/],
  ['no role', { message: { messageId: 'a', parts: [{ text: '{}' }] } }, /role/],
  ['no parts', message('{}', { parts: [] }), /parts/],
  ['a text that is no JSON', message('hello'), /JSON object/],
  ['a text that is a list', message('[]'), /JSON object/],
  ['no kind', message('{}', { metadata: {} }), /swarmKind is missing/],
  ['two kinds', message('{"kind":"execute_task"}'), /different kinds/],
  ['an unknown priority', message('{"priority":"urgent"}'), /priority/],
  ['a key that reaches behind objects', message('{"payload":{"__proto__":{}}}'), /__proto__/],
  ['a text that nests too deep', message(`{"payload":${'{"a":'.repeat(80)}1${'}'.repeat(80)}}`), /levels deep/],
])('%s is refused with what is wrong', (_what, params, says) => {
  expect(() => readCortexDirective(params)).toThrow(says);
});
