import type { Order } from '@skein/contracts';
import { expect, test } from 'vitest';
import { allowedProgram, refusalOf } from './policy.ts';

const allowedPrograms = ['/usr/bin/cat', '/opt/a/tool', '/opt/b/tool'];

test.each([
  ['cat', '/usr/bin/cat'],
  ['/usr/bin/cat', '/usr/bin/cat'],
  ['/opt/b/tool', '/opt/b/tool'],
  ['tool', undefined], // two have that name: say which
  ['./cat', undefined],
  ['../usr/bin/cat', undefined],
  ['/usr/bin/../bin/cat', undefined],
  ['/bin/cat', undefined],
  ['cat ', undefined],
  ['CAT', undefined],
  ['cat;rm', undefined],
  ['cat\nrm', undefined],
  ['', undefined],
])('the command %j runs %j', (command, expected) => {
  expect(allowedProgram(command, allowedPrograms)).toBe(expected);
});

const run = (payload: Extract<Order, { kind: 'execute_task' }>['payload']): Order => ({
  kind: 'execute_task',
  payload,
});

test.each([
  [run({ command: ['cat', 'note.txt'] }), undefined],
  [run({ command: ['sh', '-c', 'true'] }), 'program_not_allowed'],
  [run({ tool: 'search' }), 'tool_not_registered'],
  [run({ command: ['cat'], env: { GREETING: 'hi' } }), undefined],
  [run({ command: ['cat'], env: { LD_PRELOAD: '/tmp/x.so' } }), 'variable_not_allowed'],
  [run({ command: ['cat'], env: { NODE_OPTIONS: '--require x' } }), 'variable_not_allowed'],
  [run({ command: ['cat'], env: { PATH: '/tmp' } }), 'variable_not_allowed'],
  [run({ command: ['cat'], env: { SKEIN_EPOCH: '9' } }), 'variable_not_allowed'],
  [{ kind: 'query_resources', payload: {} } satisfies Order, undefined],
])('order %j is refused as %j', (order, reason) => {
  expect(refusalOf(order, { allowedPrograms })?.reason).toBe(reason);
});

test('nothing is allowed unless somebody allowed it', () => {
  expect(refusalOf(run({ command: ['/usr/bin/cat'] }), { allowedPrograms: [] })?.reason).toBe('program_not_allowed');
});
