import { describe, expect, test } from 'vitest';
import { createGuardedHttp } from '../client/guarded-http.ts';
import { createTestCard } from '../testing/test-agent.ts';
import type { AgentEvent, ExecutionRequest } from './agent-executor.ts';
import { assertOptions } from './assert-options.ts';
import { createA2AServer } from './server.ts';
import type { A2AServerOptions } from './server-options.ts';

async function* works(): AsyncGenerator<AgentEvent> {}
const right: A2AServerOptions = { card: { name: 'Echo' }, executor: works };

describe('what the types would say is said to programs without types', () => {
  test.each<[string, object, string]>([
    ['no executor', { executor: undefined }, 'executor must be an async generator function'],
    ['an executor of null', { executor: null }, 'executor must be an async generator function'],
    ['an executor that is a text', { executor: 'echo' }, 'executor must be an async generator function'],
    ['an object without execute', { executor: { run: works } }, 'executor must be an async generator function'],
    ['a function without its star', { executor: async () => {} }, 'write `async *executor'],
    ['a method without its star', { executor: { async execute() {} } }, 'write `async *executor'],
    ['no card', { card: undefined }, 'card must name the agent'],
    ['a card of null', { card: null }, 'card must name the agent'],
    ['a card without a name', { card: { description: 'Says it again' } }, 'card must name the agent'],
    ['a card whose name is empty', { card: { name: '' } }, 'card must name the agent'],
    ['a card whose name is a number', { card: { name: 7 } }, 'card must name the agent'],
    [
      'an extended card that anybody could read',
      { extendedCard: async () => createTestCard() },
      'extendedCard needs an authenticator',
    ],
    ['push.allow of texts', { push: { allow: ['http://127.0.0.1:4000'] } }, 'push.allow is a list of targets'],
    ['push.allow that is no list', { push: { allow: 'http://127.0.0.1:4000' } }, 'push.allow is a list of targets'],
    ['push.allow with null in it', { push: { allow: [null] } }, 'push.allow is a list of targets'],
  ])('%s is refused where the server is made', (_what, wrong, message) => {
    // What no program with types can hand in.
    const options = { ...right, ...wrong } as A2AServerOptions;
    expect(() => assertOptions(options)).toThrow(TypeError);
    expect(() => assertOptions(options)).toThrow(message);
    expect(() => createA2AServer(options)).toThrow(message);
  });
});

describe('what is right is taken', () => {
  const authenticator = { authenticate: async () => ({ status: 'anonymous' as const }) };
  test.each<[string, Partial<A2AServerOptions>]>([
    ['a name and a generator', {}],
    ['an object with a generator', { executor: { execute: works } }],
    ['a function that answers an iterable of its own', { executor: (_: ExecutionRequest) => works() }],
    ['a card that is asked anew', { card: () => ({ name: 'Echo' }) }],
    ['an extended card for those who are known', { extendedCard: async () => createTestCard(), authenticator }],
    ['push without a word', { push: {} }],
    ['push to one that is named', { push: { allow: [{ origin: 'http://127.0.0.1:4000' }] } }],
    ['push through a client of its own', { push: { http: createGuardedHttp() } }],
  ])('%s', (_what, options) => {
    expect(() => assertOptions({ ...right, ...options })).not.toThrow();
  });
});
