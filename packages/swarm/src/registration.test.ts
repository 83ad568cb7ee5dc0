import { DirectiveId, DirectiveKind, NodeId, noUsage } from '@skein/contracts';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { AgentRuntime } from './agents/agent-runtime.ts';
import type { DirectiveHandlers, HandlerOutcome } from './directives/handlers/handler.ts';
import { createRegistrations, offeredKinds } from './registration.ts';

const answer = (output: string) => async (): Promise<HandlerOutcome> => ({
  status: 'completed',
  output,
  usage: noUsage,
});
const own: DirectiveHandlers = {
  execute_task: answer('own'),
  spawn_agent: answer('own'),
  query_resources: answer('own'),
  forward_message: answer('own'),
  sync_state: answer('own'),
};
const runtime: AgentRuntime = {
  start: () => {
    throw new Error('not started here');
  },
};
const context = {
  directiveId: DirectiveId.parse('00000000-0000-4000-8000-000000000001'),
  parentDirectiveId: null,
  sourceNodeId: NodeId.parse('b'.repeat(26)),
  effect: 'amo' as const,
  epoch: 1,
  signal: new AbortController().signal,
  output: () => {},
};
const always: DirectiveKind[] = ['query_resources', 'forward_message', 'sync_state'];

test('a node offers what it can carry out, as soon as it can', () => {
  let changes = 0;
  const registrations = createRegistrations({ onChange: () => (changes += 1) });
  const handlers = registrations.handlersOver(own, { runsPrograms: false });
  expect(offeredKinds(handlers)).toEqual(always);
  registrations.registerTool('plus', { input: z.object({}), run: () => 1 });
  expect(offeredKinds(handlers)).toEqual(['execute_task', ...always]);
  registrations.registerAgentRuntime('indexer', runtime);
  expect(offeredKinds(handlers)).toEqual(DirectiveKind.options);
  expect(changes).toBe(2);
  expect(Object.keys(registrations.runtimes)).toEqual(['indexer']);
});

test('a node that runs programs, or was made with types of agents, offers both from the start', () => {
  const registrations = createRegistrations({ runtimes: { indexer: runtime } });
  expect(offeredKinds(registrations.handlersOver(own, { runsPrograms: true }))).toEqual(DirectiveKind.options);
  expect(registrations.runtimes.constructor).toBeUndefined();
});

test('a handler of the program comes before the node’s own, and the last one counts', async () => {
  const registrations = createRegistrations();
  const handlers = registrations.handlersOver(own, { runsPrograms: false });
  registrations.registerHandler('execute_task', answer('first'));
  registrations.registerHandler('execute_task', answer('second'));
  registrations.registerHandler('query_resources', answer('mine'));
  expect(await handlers.execute_task?.({ tool: 'any' }, context)).toMatchObject({ output: 'second' });
  expect(await handlers.query_resources?.({}, context)).toMatchObject({ output: 'mine' });
  expect(await handlers.sync_state?.({ namespace: 'memory' as never, entries: [] }, context)).toMatchObject({
    output: 'own',
  });
});

const usage = noUsage;
test.each<[string, object]>([
  ['a circle', { status: 'completed', output: circle(), usage }],
  ['a usage that says nothing', { status: 'completed', usage: {} }],
  ['half a token', { status: 'completed', usage: { ...usage, tokensIn: 0.5 } }],
  ['a status of its own', { status: 'done', usage }],
  ['a reason that is a sentence', { status: 'failed', usage, error: { reason: 'It failed.', message: '' } }],
])('a handler that answers with %s fails its directive, and hears that nothing was stored', async (_, outcome) => {
  const heard: boolean[] = [];
  const registrations = createRegistrations();
  const settled = (stored: boolean) => heard.push(stored);
  registrations.registerHandler('query_resources', async () => ({ ...(outcome as HandlerOutcome), settled })); // wrong on purpose
  const failed = await registrations.handlersOver(own, { runsPrograms: false }).query_resources?.({}, context);
  expect(failed).toMatchObject({ status: 'failed', usage, error: { reason: 'handler_output_invalid' } });
  failed?.settled?.(true);
  expect(heard).toEqual([false]);
});

test('an output is stored as the JSON that travels', async () => {
  const registrations = createRegistrations();
  const at = new Date(0) as unknown as string; // what JSON makes a text of
  registrations.registerHandler('query_resources', async () => ({ status: 'completed', output: { at }, usage }));
  const outcome = await registrations.handlersOver(own, { runsPrograms: false }).query_resources?.({}, context);
  expect(outcome?.output).toEqual({ at: '1970-01-01T00:00:00.000Z' });
});

function circle() {
  const self: Record<string, unknown> = {};
  self.itself = self;
  return self;
}

test('what is no kind, no handler, no type and no runtime is refused', () => {
  const registrations = createRegistrations();
  const invalid = expect.objectContaining({ code: 'INVALID_ARGUMENT' });
  expect(() => registrations.registerHandler('dance' as 'execute_task', answer(''))).toThrowError(invalid);
  expect(() => registrations.registerHandler('execute_task', undefined as never)).toThrowError(invalid);
  expect(() => registrations.registerAgentRuntime('', runtime)).toThrowError(invalid);
  expect(() => registrations.registerAgentRuntime('x'.repeat(64), runtime)).toThrowError(invalid);
  expect(() => registrations.registerAgentRuntime('x', {} as AgentRuntime)).toThrowError(invalid);
});
