import { describe, expect, test } from 'vitest';
import { createGuardedHttp } from '../client/guarded-http.ts';
import { createTestCard } from '../testing/test-agent.ts';
import type { AgentEvent, ExecutionRequest } from './agent-executor.ts';
import { assertOptions } from './assert-options.ts';
import { serveA2A } from './serve-a2a.ts';
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
    ['a store by another name', { store: {} }, 'There is no option store: did you mean taskStore? Known are card, '],
    ['an option that is misspelt', { httpJsonpath: '/r' }, 'did you mean httpJsonPath?'],
    ['an option with a letter too many', { limitss: {} }, 'did you mean limits?'],
    ['an option of nobody', { colour: 'red' }, 'There is no option colour: Known are'],
    ['a limit that is misspelt', { limits: { maxBodybytes: 1 } }, 'did you mean limits.maxBodyBytes?'],
    ['a limit of text', { limits: { maxBodyBytes: 'x' } }, 'limits.maxBodyBytes is a number from 1 up'],
    ['a limit below none', { limits: { maxBodyBytes: -1 } }, 'limits.maxBodyBytes is a number from 1 up'],
    ['a limit that is no number', { limits: { cancelGraceMs: Number.NaN } }, 'limits.cancelGraceMs is a number from 0'],
    ['limits that are none', { limits: 5 }, 'limits is an object'],
    ['push of true', { push: true }, 'push is an object: `push: {}`'],
    ['a store of push by another name', { push: { store: {} } }, 'did you mean push.configs?'],
    ['a limit of push that is text', { push: { timeoutMs: '10s' } }, 'push.timeoutMs is a number from 1 up'],
    ['configurations that are kept nowhere', { push: { configs: {} } }, 'push.configs is a store'],
    ['a task store that is none', { taskStore: { tasks: {} } }, 'taskStore is a store, and this one has no commit'],
    ['an authenticator that is a function', { authenticator: () => {} }, 'authenticator is an object'],
    ['an authenticator of another name', { authenticator: { check() {} } }, 'authenticator is an object'],
    ['an address that is none', { card: { name: 'Echo', url: 'nope' } }, 'card.url is the address'],
    ['an address of no web', { card: { name: 'Echo', url: 'ftp://a.test' } }, 'card.url is the address'],
    ['an address that is a number', { card: { name: 'Echo', url: 7 } }, 'card.url is the address'],
    ['a path without its slash', { path: 'a2a' }, 'path begins with a slash'],
    ['a path of HTTP+JSON without its slash', { httpJsonPath: 'rest' }, 'httpJsonPath begins with a slash'],
    ['one path for both bindings', { httpJsonPath: '/a2a' }, 'httpJsonPath differs from path'],
    ['one path for both but for a slash', { path: '/x/', httpJsonPath: '/x' }, 'httpJsonPath differs from path'],
    ['the root for both', { path: '/', httpJsonPath: '' }, 'httpJsonPath differs from path'],
    ['push.allow with null in it', { push: { allow: [null] } }, 'push.allow is a list of targets'],
  ])('%s is refused where the server is made', (_what, wrong, message) => {
    // What no program with types can hand in.
    const options = { ...right, ...wrong } as A2AServerOptions;
    expect(() => assertOptions(options)).toThrow(TypeError);
    expect(() => assertOptions(options)).toThrow(message);
    expect(() => createA2AServer(options)).toThrow(message);
  });
});

test('no options at all are told what to say', async () => {
  // What no program with types can hand in.
  const none = undefined as unknown as A2AServerOptions;
  expect(() => createA2AServer(none)).toThrow('An agent is made with options: {');
  await expect(serveA2A(none)).rejects.toThrow('An agent is made with options: {');
  const misspelt: object = { prot: 4220 };
  await expect(serveA2A(right, misspelt)).rejects.toThrow('There is no option prot: did you mean port?');
});

describe('what is right is taken', () => {
  const authenticator = { authenticate: async () => ({ status: 'anonymous' as const }) };
  test.each<[string, Partial<A2AServerOptions>]>([
    ['a name and a generator', {}],
    ['an object with a generator', { executor: { execute: works } }],
    ['a function that answers an iterable of its own', { executor: (_: ExecutionRequest) => works() }],
    ['a card that is asked anew', { card: () => ({ name: 'Echo' }) }],
    ['an extended card for those who are known', { extendedCard: async () => createTestCard(), authenticator }],
    ['paths of its own', { path: '/agent', httpJsonPath: '/agent/rest' }],
    ['the root for HTTP+JSON', { httpJsonPath: '' }],
    ['limits of none where none is enough', { limits: { feedEvents: 0, cancelGraceMs: 0, maxBatch: 1 } }],
    ['what is said to be undefined', { limits: undefined, push: undefined, authenticator: undefined } as object],
    ['push without a word', { push: {} }],
    ['push to one that is named', { push: { allow: [{ origin: 'http://127.0.0.1:4000' }] } }],
    ['push through a client of its own', { push: { http: createGuardedHttp() } }],
  ])('%s', (_what, options) => {
    expect(() => assertOptions({ ...right, ...options })).not.toThrow();
  });
});
