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
  [{ kind: 'query_resources', payload: {} } satisfies Order, undefined],
])('order %j is refused as %j', (order, reason) => {
  expect(refusalOf(order, { allowedPrograms })?.reason).toBe(reason);
});

test('a tool may be called where the program has registered it, and no other', () => {
  const tools = new Set(['search']);
  expect(refusalOf(run({ tool: 'search' }), { allowedPrograms }, tools)).toBeUndefined();
  for (const tool of ['Search', 'cat', 'constructor', '__proto__', 'has'])
    expect(refusalOf(run({ tool }), { allowedPrograms }, tools)?.reason).toBe('tool_not_registered');
  expect(refusalOf(run({ command: ['search'] }), { allowedPrograms }, tools)?.reason).toBe('program_not_allowed');
});

test('nothing is allowed unless somebody allowed it', () => {
  expect(refusalOf(run({ command: ['/usr/bin/cat'] }), { allowedPrograms: [] })?.reason).toBe('program_not_allowed');
});

const harmless = ['LANG', 'LC_ALL', 'LC_CTYPE', 'TERM', 'TZ', 'NO_COLOR'];

test.each<[string, readonly string[] | undefined, boolean]>([
  ...harmless.map((name): [string, undefined, boolean] => [name, undefined, true]),
  ...['GREETING', 'lang', 'LC_PAPER', 'PATH', 'HOME', 'IFS', 'LD_PRELOAD', 'NODE_OPTIONS', 'OPENSSL_CONF'].map(
    (name): [string, undefined, boolean] => [name, undefined, false],
  ),
  ...['GCONV_PATH', 'PERLLIB', '_JAVA_OPTIONS', 'LUA_INIT', 'constructor', '__proto__'].map(
    (name): [string, undefined, boolean] => [name, undefined, false],
  ),
  ['GREETING', ['GREETING'], true],
  ['greeting', ['GREETING'], false],
  ['LANG', ['GREETING'], false],
  ['SKEIN_EPOCH', ['SKEIN_EPOCH'], false], // what a program hears of itself is the node's word
])('a directive may set %s where %j are allowed: %j', (name, allowedVariables, allowed) => {
  const order = run({ command: ['cat'], env: Object.fromEntries([[name, 'x']]) });
  const policy = { allowedPrograms, ...(allowedVariables && { allowedVariables }) };
  expect(refusalOf(order, policy)?.reason).toBe(allowed ? undefined : 'variable_not_allowed');
});

test('whoever is refused a variable hears which, and where the operator allows it', () => {
  const refusal = refusalOf(run({ command: ['cat'], env: { TZ: 'UTC', LUA_INIT: '@x' } }), { allowedPrograms });
  expect(refusal).toMatchObject({ metadata: { variable: 'LUA_INIT' } });
  expect(refusal?.message).toContain('execute.variables');
});
