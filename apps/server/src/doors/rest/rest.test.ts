import { type DirectiveUpdate, ErrorBody, type SwarmEvent } from '@skein/contracts';
import { createEmitter, systemClock } from '@skein/contracts/runtime';
import { createFakeClock, createMemoryLogger } from '@skein/contracts/testing';
import { SwarmError, type SwarmErrorCode } from '@skein/swarm';
import { expect, test } from 'vitest';
import { fakeDesks } from '../../testing/fake-desks.ts';
import { DIRECTIVE, directiveView, NODE, nodeView, OTHER } from '../../testing/sample-views.ts';
import { createRest } from '../doors.ts';
import { createOperatorCheck } from '../operator.ts';

type FakeNode = Parameters<typeof createRest>[0]['node'];

const TOKEN = 'skein_operator_right';
const metrics = {
  tokensIn: 0,
  tokensOut: 0,
  costMicroUsd: 0,
  toolCalls: 0,
  cpuMs: 0,
  peakMemoryBytes: 0,
  durationMs: 3,
};
const result = { status: 'completed', started: true, metrics } as const;

/** Answers everything; a test says otherwise where it cares. */
function fakeNode(over: Partial<FakeNode> = {}): FakeNode {
  return {
    ...{ id: NODE, ...fakeDesks() },
    cortexPeers: [{ nodeId: OTHER, name: 'prism' }],
    listNodes: async () => [nodeView],
    getNode: async (id) => (id === NODE ? nodeView : undefined),
    listSnapshots: async () => [],
    events: createEmitter<SwarmEvent>(() => {}),
    createJoinToken: async () => ({ token: 'skein_join_x', expiresAt: '2026-01-01T00:10:00.000Z' }),
    submit: async () => directiveView,
    dispatch: async () => ({ ...result, directiveId: DIRECTIVE, nodeId: OTHER }),
    dispatchStream: () => updates([]),
    getDirective: async (id) =>
      id === DIRECTIVE ? { directive: { ...directiveView, status: 'completed', result }, events: [] } : undefined,
    listDirectives: async () => [directiveView],
    cancelDirective: async () => ({ ...directiveView, status: 'cancelled' }),
    ...over,
  };
}

async function* updates(list: readonly DirectiveUpdate[]) {
  yield* list;
}

function rest(over: Partial<FakeNode> = {}, clock = systemClock) {
  const logger = createMemoryLogger();
  const app = createRest({ node: fakeNode(over), isOperator: createOperatorCheck(TOKEN), clock, logger });
  const authorization = { authorization: `Bearer ${TOKEN}` };
  return {
    logger,
    get: (path: string) => app.request(path, { headers: authorization }),
    post: (path: string, body: unknown, headers: Record<string, string> = {}) =>
      app.request(path, {
        method: 'POST',
        headers: { ...authorization, ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    bare: (headers: Record<string, string>, path = '/nodes') => app.request(path, { headers }),
  };
}

async function errorOf(response: Response) {
  const { error } = ErrorBody.parse(await response.json());
  return { status: response.status, ...error };
}

const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
const query = { kind: 'query_resources', target: OTHER, payload: {} };

test.each([
  ['no token', {}, 'unauthenticated'],
  ['a wrong token', { authorization: 'Bearer skein_operator_wrong' }, 'invalid_token'],
  ['another scheme', { authorization: `Basic ${TOKEN}` }, 'invalid_token'],
  ['an empty token', { authorization: 'Bearer ' }, 'invalid_token'],
  ['a token with a tail', { authorization: `Bearer ${TOKEN} x` }, 'invalid_token'],
])('a call with %s gets 401 and hears where the token is', async (_name, headers, reason) => {
  const response = await rest().bare(headers);
  expect(response.headers.get('www-authenticate')).toMatch(/^Bearer realm="skein"/);
  expect(await errorOf(response)).toMatchObject({ status: 401, reason });
});

test.each([
  ...['/topology', '/report', '/processes', '/nodes/metrics', '/agents', '/mailboxes', '/state', '/events', '/unseal'],
  ...['/broadcast', '/directives', '/tokens', '/nothing'],
])('%s is closed to whoever has no token', async (path) => {
  expect((await rest().bare({}, path)).status).toBe(401);
});

test('nodes are listed and told one by one', async () => {
  const { get } = rest();
  expect(await (await get('/nodes')).json()).toEqual({
    nodes: [nodeView],
    cortexPeers: [{ nodeId: OTHER, name: 'prism' }],
  });
  expect(await (await get(`/nodes/${NODE}`)).json()).toEqual(nodeView);
});

test('a join token is made with what the body asks for, or with the defaults', async () => {
  const asked: unknown[] = [];
  const { post } = rest({
    createJoinToken: async (input) => {
      asked.push(input);
      return { token: 'skein_join_x', expiresAt: '2026-01-01T00:10:00.000Z' };
    },
  });
  expect((await post('/tokens', '')).status).toBe(201);
  expect((await post('/tokens', { tier: 'sudo', group: 'lab', ttlMs: 1_000 })).status).toBe(201);
  expect(asked).toEqual([
    { tier: 'unprivileged', ttlMs: 600_000 },
    { tier: 'sudo', group: 'lab', ttlMs: 1_000 },
  ]);
});

test('a directive is stored and answered at once', async () => {
  const response = await rest().post('/directives', query);
  expect(response.status).toBe(202);
  expect(await response.json()).toEqual({ directive: directiveView });
});

test('who waits gets the directive with its result', async () => {
  const response = await rest().post('/directives?wait=true', query);
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ directive: { status: 'completed', result } });
});

test('directives are listed by status and limit, and told with their way', async () => {
  const asked: unknown[] = [];
  const { get } = rest({
    listDirectives: async (query) => {
      asked.push(query);
      return [directiveView];
    },
  });
  await get('/directives');
  await get('/directives?status=running&limit=3');
  expect(asked).toEqual([{ limit: 50 }, { limit: 3, status: 'running' }]);
  expect(await (await get(`/directives/${DIRECTIVE}?side=inbox`)).json()).toMatchObject({ events: [] });
});

test('a cancellation answers with what became of the directive', async () => {
  const response = await rest().post(`/directives/${DIRECTIVE}/cancel`, '');
  expect(response.status).toBe(202);
  expect(await response.json()).toMatchObject({ directive: { status: 'cancelled' } });
});

test.each<[string, unknown, string, string]>([
  ['not JSON', '{ kind', 'body_not_json', 'the body is not JSON'],
  ['JSON of 65 levels', deep(65), 'body_not_safe', 'JSON nests at most 64 levels deep'],
  ['JSON of 200,000 levels', deep(200_000), 'body_not_safe', 'JSON nests at most 64 levels deep'],
  [
    'a key behind an object',
    '{"kind":"query_resources","payload":{"__proto__":{}}}',
    'body_not_safe',
    'The key "__proto__" is not allowed',
  ],
  ['no object', '[]', 'invalid_argument', 'the body'],
  ['an empty body', '', 'invalid_argument', 'kind'],
  ['an unknown kind', { ...query, kind: 'explode' }, 'invalid_argument', 'kind'],
  ['a name for an id', { ...query, target: 'node-2' }, 'invalid_argument', 'target: a node id has 26 characters'],
  ['no target', { ...query, target: undefined }, 'invalid_argument', 'target: a target is a node id, or a selector'],
  [
    'a command that is text',
    { ...query, kind: 'execute_task', payload: { command: 'cat x' } },
    'invalid_argument',
    'payload.command: expected a list',
  ],
  [
    'a misspelt key in the payload',
    { ...query, payload: { sicne: 'x' } },
    'invalid_argument',
    'payload.sicne is not a known key',
  ],
  [
    'a time to live beyond a day',
    { ...query, ttlMs: 86_400_001 },
    'invalid_argument',
    'ttlMs: expected at most 86400000',
  ],
  ['a time to live of nothing', { ...query, ttlMs: 0 }, 'invalid_argument', 'ttlMs'],
  [
    'a priority that is none',
    { ...query, priority: 'urgent' },
    'invalid_argument',
    'priority: expected one of low, normal, high, critical',
  ],
])('a body with %s is refused with the field and the way out', async (_name, body, reason, message) => {
  const error = await errorOf(await rest().post('/directives', body));
  expect(error).toMatchObject({ status: 400, reason });
  expect(error.message).toContain(message);
});

test.each<[string, string, number, string]>([
  ['/nodes/node-2', 'a name for an id', 400, 'invalid_argument'],
  [`/nodes/${OTHER}`, 'a stranger', 404, 'unknown_node'],
  ['/nodes?colour=red', 'a query that is not known', 400, 'invalid_argument'],
  ['/directives?limit=0', 'a limit of nothing', 400, 'invalid_argument'],
  ['/directives?limit=many', 'a limit that is no number', 400, 'invalid_argument'],
  ['/directives?status=done', 'a status that is none', 400, 'invalid_argument'],
  ['/directives/7', 'an id that is none', 400, 'invalid_argument'],
  ['/directives/3f0a8a52-4a3c-4d55-9d2c-0a4d5c3b2a11', 'a directive of nobody', 404, 'directive_not_found'],
  ['/nothing', 'a path of nothing', 404, 'not_found'],
])('GET %s, %s, is answered with %i %s', async (path, _name, status, reason) => {
  expect(await errorOf(await rest().get(path))).toMatchObject({ status, reason });
});

test('a body beyond a mebibyte is refused, with and without its length told', async () => {
  const { post } = rest();
  const long = JSON.stringify({ ...query, padding: 'x'.repeat(1_100_000) });
  expect(await errorOf(await post('/directives', long))).toMatchObject({ status: 413, reason: 'body_too_large' });
  const told = { 'content-length': String(long.length) };
  expect(await errorOf(await post('/directives', long, told))).toMatchObject({ status: 413 });
});

test.each<[SwarmErrorCode, number]>([
  ['INVALID_ARGUMENT', 400],
  ['UNKNOWN_NODE', 404],
  ['DIRECTIVE_CONFLICT', 409],
  ['NODE_SEALED', 409],
  ['NO_MATCHING_NODE', 404],
  ['AGENT_NOT_FOUND', 404],
  ['AGENT_ENDED', 409],
  ['AGENTS_RUNNING', 409],
  ['FORBIDDEN', 403],
  ['UNKNOWN_NAMESPACE', 404],
  ['STATE_REFUSED', 422],
  ['SYNC_FAILED', 502],
  ['MAILBOX_FULL', 409],
  ['PEER_UNREACHABLE', 502],
  ['STORE_UNAVAILABLE', 503],
  ['NODE_STOPPED', 503],
])('%s of the node becomes %i with its reason in lower case', async (code, status) => {
  const submit = async () => {
    throw new SwarmError(code, 'what to do', { metadata: { nodeId: 'x' } });
  };
  const error = await errorOf(await rest({ submit }).post('/directives', query));
  expect(error).toEqual({ status, reason: code.toLowerCase(), message: 'what to do', metadata: { nodeId: 'x' } });
});

test('what nobody foresaw is told without details, which stand in the log', async () => {
  const { get, logger } = rest({
    listNodes: async () => {
      throw new TypeError('secret detail');
    },
  });
  const error = await errorOf(await get('/nodes'));
  expect(error).toMatchObject({ status: 500, reason: 'internal' });
  expect(error.message).not.toContain('secret');
  expect(logger.lines).toMatchObject([{ level: 'error', fields: { thrown: expect.any(TypeError) } }]);
});

const accept = { accept: 'text/event-stream' };

test('a stream tells each update as an event of its type', async () => {
  const list: DirectiveUpdate[] = [
    { type: 'status', directiveId: DIRECTIVE, status: 'pending' },
    { type: 'output', directiveId: DIRECTIVE, stream: 'stdout', text: 'two\nlines' },
    { type: 'result', directiveId: DIRECTIVE, result },
  ];
  const response = await rest({ dispatchStream: () => updates(list) }).post('/directives', query, accept);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const events = (await response.text()).trim().split('\n\n');
  expect(events).toEqual(list.map((update) => `event: ${update.type}\ndata: ${JSON.stringify(update)}`));
});

test('what fails before the first update is an ordinary error, what fails later is a last event', async () => {
  const failing = (before: readonly DirectiveUpdate[]) =>
    async function* () {
      yield* before;
      throw new SwarmError('UNKNOWN_NODE', 'no such node');
    };
  const early = await rest({ dispatchStream: failing([]) }).post('/directives', query, accept);
  expect(await errorOf(early)).toMatchObject({ status: 404, reason: 'unknown_node' });
  const status: DirectiveUpdate = { type: 'status', directiveId: DIRECTIVE, status: 'pending' };
  const late = await rest({ dispatchStream: failing([status]) }).post('/directives', query, accept);
  expect(late.status).toBe(200);
  expect(await late.text()).toContain('event: error\ndata: {"error":{"reason":"unknown_node"');
});

test('a quiet stream is kept alive every 15 s, and a reader who leaves ends the reading', async () => {
  const clock = createFakeClock();
  let ended = false;
  const first: DirectiveUpdate = { type: 'status', directiveId: DIRECTIVE, status: 'pending' };
  const quiet: AsyncIterable<DirectiveUpdate> = {
    [Symbol.asyncIterator]() {
      let told = false;
      return {
        next() {
          if (told) return new Promise(() => {});
          told = true;
          return Promise.resolve({ done: false, value: first });
        },
        async return() {
          ended = true;
          return { done: true, value: undefined };
        },
      };
    },
  };
  const response = await rest({ dispatchStream: () => quiet }, clock).post('/directives', query, accept);
  const reader = response.body?.getReader();
  const text = async () => new TextDecoder().decode((await reader?.read())?.value);
  expect(await text()).toContain('event: status');
  const next = text();
  await clock.advance(15_000);
  expect(await next).toBe(': keep-alive\n\n');
  await reader?.cancel();
  expect(ended).toBe(true);
  expect(clock.sleeping).toBe(0);
});
