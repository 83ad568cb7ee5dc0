import { DirectiveId, NodeId, noUsage, type Usage } from '@skein/contracts';
import { createFakeClock, createMemoryLogger } from '@skein/contracts/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { executeTask } from './execute-task.ts';
import type { Tool } from './tool.ts';
import { createToolRegistry } from './tools.ts';

const directiveId = DirectiveId.parse('00000000-0000-4000-8000-000000000001');
const sourceNodeId = NodeId.parse('b'.repeat(26));

function createCaller(registered: Record<string, Tool>) {
  const clock = createFakeClock();
  const logger = createMemoryLogger();
  const tools = createToolRegistry();
  for (const [name, tool] of Object.entries(registered)) tools.register(name, tool);
  const handle = executeTask({ tools, clock, logger, policy: { allowedPrograms: ['/bin/echo'] }, workFolder: '/' });
  const ending = new AbortController();
  const said: string[] = [];
  const context = {
    ...{ directiveId, parentDirectiveId: null, sourceNodeId, effect: 'amo' as const, epoch: 1, signal: ending.signal },
    output: (_: string, text: string) => void said.push(text),
  };
  return {
    ...{ clock, logger, ending, said, context },
    call: (tool: string, args?: Record<string, z.core.util.JSONType>) =>
      handle({ tool, ...(args && { args }) }, context),
    run: () => handle({ command: ['echo', 'hello'] }, context),
  };
}

const plus: Tool = {
  input: z.strictObject({ a: z.number(), b: z.number().default(1) }),
  run: (input) => {
    const { a, b } = z.object({ a: z.number(), b: z.number() }).parse(input);
    return a + b;
  },
};

test('a tool gets its arguments as its schema reads them, and answers with JSON', async () => {
  const { call } = createCaller({ plus });
  expect(await call('plus', { a: 2 })).toEqual({ status: 'completed', output: 3, usage: { ...noUsage, toolCalls: 1 } });
});

test('arguments that do not fit never reach the tool', async () => {
  let called = 0;
  const { call } = createCaller({ count: { input: z.strictObject({}), run: () => (called += 1) } });
  const outcome = await call('count', { surplus: true });
  expect(outcome).toMatchObject({ status: 'failed', error: { reason: 'tool_arguments_invalid' }, usage: noUsage });
  expect(called).toBe(0);
});

test('a tool that nobody registered, or a program where none can run, is refused with why', async () => {
  const { call, run } = createCaller({ plus });
  for (const name of ['minus', 'constructor', 'toString'])
    expect(await call(name)).toMatchObject({ status: 'failed', error: { reason: 'tool_not_registered' } });
  expect(await run()).toMatchObject({ status: 'failed', error: { reason: 'program_not_started' } });
});

test.each<[unknown, string]>([
  [new Error('the disk is full\n    at /home/someone/secret.ts:1'), 'the disk is full'],
  ['no luck', 'no luck'],
  [new Error(''), 'no reason was given'],
])('what it throws, %j, is its failure in one line', async (thrown, message) => {
  const failing: Tool = {
    input: z.object({}),
    run: async () => {
      throw thrown;
    },
  };
  const { call } = createCaller({ failing });
  expect(await call('failing')).toMatchObject({ status: 'failed', error: { reason: 'tool_failed', message } });
});

const circle: Record<string, unknown> = {};
circle.itself = circle;

test.each<[string, unknown, unknown]>([
  ['nothing', undefined, undefined],
  ['null', null, null],
  ['a date, as text', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
  ['fields without a value, left out', { a: 1, b: undefined }, { a: 1 }],
  ['a text with NUL', 'a\0b', 'a\0b'],
])('it may return %s', async (_, returned, output) => {
  const { call } = createCaller({ it: { input: z.object({}), run: () => returned } });
  expect((await call('it')).output).toEqual(output);
  expect((await call('it')).status).toBe('completed');
});

test.each<[string, unknown]>([
  ['a bigint', 1n],
  ['a circle', circle],
  ['a function', () => 1],
  ['more than a MiB', 'x'.repeat(1_048_576)],
])('it may not return %s', async (_, returned) => {
  const { call } = createCaller({ it: { input: z.object({}), run: () => returned } });
  expect(await call('it')).toMatchObject({
    ...{ status: 'failed', error: { reason: 'tool_output_invalid' } },
    usage: { toolCalls: 1 },
  });
});

test.each<[Partial<Usage>[], Partial<Usage>]>([
  [[], { toolCalls: 1 }],
  [[{ toolCalls: 3 }], { toolCalls: 3 }],
  [
    [
      { tokensIn: 5, peakMemoryBytes: 7 },
      { tokensIn: 6, costMicroUsd: 2, peakMemoryBytes: 3 },
    ],
    { tokensIn: 11, costMicroUsd: 2, peakMemoryBytes: 7, toolCalls: 1 },
  ],
])('what it says that it used, %j, is the directive’s', async (told, usage) => {
  const busy: Tool = {
    input: z.object({}),
    run: (_, { use }) => {
      for (const part of told) use(part);
      throw new Error('what was used stays used');
    },
  };
  expect((await createCaller({ busy }).call('busy')).usage).toEqual({ ...noUsage, ...usage });
});

test.each([{ tokensIn: -1 }, { tokensIn: 0.5 }, { tokensIn: Number.NaN }, { tokens: 1 }])(
  'a use of %j is the tool’s mistake',
  async (told) => {
    const { call } = createCaller({ it: { input: z.object({}), run: (_, { use }) => use(told as Partial<Usage>) } }); // wrong on purpose
    expect(await call('it')).toMatchObject({
      status: 'failed',
      error: { reason: 'tool_failed' },
      usage: { tokensIn: 0 },
    });
  },
);

test('it is told who calls, and its output is passed on as it comes', async () => {
  let heard: unknown;
  const { call, said } = createCaller({
    it: {
      input: z.object({}),
      run: (_, context) => {
        heard = [context.directiveId, context.sourceNodeId];
        context.output('half way');
      },
    },
  });
  await call('it');
  expect(heard).toEqual([directiveId, sourceNodeId]);
  expect(said).toEqual(['half way']);
});

describe('a directive that ends while its tool runs', () => {
  test('waits for the tool to be gone', async () => {
    const { call, ending, clock } = createCaller({
      it: {
        input: z.object({}),
        run: (_, { signal }) =>
          new Promise((resolve) => signal.addEventListener('abort', () => resolve('tidied up'), { once: true })),
      },
    });
    const outcome = call('it');
    await clock.advance(60_000);
    ending.abort(new Error('cancelled'));
    expect(await outcome).toMatchObject({ status: 'completed', output: 'tidied up' });
    await clock.advance(1);
    expect(clock.sleeping).toBe(0);
  });

  test('leaves a tool behind that does not heed its signal', async () => {
    const never = new Promise(() => {});
    const { call, ending, clock, logger } = createCaller({ it: { input: z.object({}), run: () => never } });
    let outcome: unknown;
    void call('it').then((end) => {
      outcome = end;
    });
    await clock.advance(1);
    ending.abort(new Error('cancelled'));
    await clock.advance(4_999);
    expect(outcome).toBeUndefined();
    await clock.advance(1);
    expect(outcome).toMatchObject({ status: 'failed', error: { reason: 'tool_aborted' } });
    expect(logger.lines).toMatchObject([{ level: 'warn', fields: { tool: 'it', directiveId } }]);
  });
});

test('a registry refuses what is no tool, and lists the others by name', () => {
  const tools = createToolRegistry();
  tools.register('b', plus);
  tools.register('a', { ...plus, description: 'adds up' });
  expect(tools.list()).toEqual([
    { name: 'a', description: 'adds up' },
    { name: 'b', description: undefined },
  ]);
  const invalid = expect.objectContaining({ code: 'INVALID_ARGUMENT' });
  expect(() => tools.register('', plus)).toThrowError(invalid);
  expect(() => tools.register('c', {} as Tool)).toThrowError(invalid); // a program without types
});
