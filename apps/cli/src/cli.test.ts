/** The command line against a node that is only a listener: what it sends, what it prints, how it ends. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DirectiveDetail, DirectiveResult, DirectiveUpdate, DirectiveView, NodeView } from '@skein/contracts';
import { afterEach, expect, test } from 'vitest';
import { runCli } from './cli.ts';
import { createNodeClient } from './client.ts';
import { createTerminal } from './output/terminal.ts';
import type { StopSignal } from './signals.ts';

// Ids are branded; a fake's are written down by hand.
const ONE = 'aaaaaaaaaaaaaaaaaaaaaaaaaa' as NodeView['id'];
const TWO = 'bbbbbbbbbbbbbbbbbbbbbbbbbb' as NodeView['id'];
const ID = '3f0a8a52-4a3c-4d55-9d2c-0a4d5c3b2a10' as DirectiveView['id'];
const NOW = Date.parse('2026-01-01T00:00:05.000Z');

function nodeView(id: NodeView['id'], name: string): NodeView {
  return {
    ...{ id, name, isSelf: id === ONE, status: 'online', liveness: 'online', eligibility: 'eligible' },
    ...{ addresses: ['http://127.0.0.1:4220'], group: null, tier: 'unprivileged', kinds: ['execute_task'] },
    ...{ capabilities: [], labels: {}, capacity: 4, incarnation: 1, metrics: null },
    ...{ joinedAt: '2026-01-01T00:00:00.000Z', lastHeartbeatAt: '2026-01-01T00:00:00.000Z' },
  };
}

const usage = { tokensIn: 0, tokensOut: 0, costMicroUsd: 0, toolCalls: 0, cpuMs: 4, peakMemoryBytes: 2_000_000 };
const metrics = { ...usage, durationMs: 31 };
const program = (exitCode: number, stdout = '') => ({ exitCode, signal: null, stdout, stderr: '', truncated: false });

const completed: DirectiveResult = { status: 'completed', output: program(0, 'hello\n'), metrics, started: true };

function directive(over: Partial<DirectiveView> = {}): DirectiveView {
  return {
    ...{ id: ID, side: 'outbox', kind: 'execute_task', sourceNodeId: ONE, targetNodeId: TWO, status: 'completed' },
    ...{ state: 'completed', priority: 'normal', effect: 'amo', ttlMs: 120_000, attempts: 1 },
    ...{ payload: { command: ['cat', 'note.txt'] }, parentDirectiveId: null, result: completed },
    ...{ createdAt: '2026-01-01T00:00:00.000Z', deadlineAt: '2026-01-01T00:02:00.000Z', endedAt: null },
    ...over,
  };
}

const detail: DirectiveDetail = {
  directive: directive(),
  events: [{ at: '2026-01-01T00:00:00.000Z', side: 'outbox', from: null, to: 'queued', reason: null }],
};

type Update = DirectiveUpdate extends infer U ? (U extends unknown ? Omit<U, 'directiveId'> : never) : never;

const stream = (...updates: Update[]) =>
  updates
    .map((update) => `event: ${update.type}\ndata: ${JSON.stringify({ directiveId: ID, ...update })}\n\n`)
    .join('');

interface Reply {
  status?: number;
  body: unknown;
}

const usual: Record<string, Reply> = {
  'GET /nodes': { body: { nodes: [nodeView(ONE, 'node-1'), nodeView(TWO, 'node-2')] } },
  'GET /directives': { body: { directives: [directive()] } },
  [`GET /directives/${ID}`]: { body: detail },
  'POST /directives': {
    body: stream(
      { type: 'status', status: 'running' },
      { type: 'output', stream: 'stdout', text: 'hello\n' },
      { type: 'output', stream: 'stderr', text: 'aside\n' },
      { type: 'result', result: completed },
    ),
  },
  [`POST /directives/${ID}/cancel`]: { status: 202, body: { directive: directive({ status: 'running' }) } },
  'POST /tokens': { status: 201, body: { token: 'skein_join_x', expiresAt: '2026-01-01T00:10:05.000Z' } },
};

const servers: Server[] = [];
afterEach(() => servers.splice(0).map((server) => server.close()));

interface Asked {
  route: string;
  query: string;
  authorization: string | undefined;
  body: unknown;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text === '' ? undefined : JSON.parse(text);
}

/** Runs one command line against a node that answers so. */
async function skein(line: string[], replies: Record<string, Reply> = {}) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://node');
    const route = `${request.method} ${url.pathname.replace('/api/swarm', '')}`;
    const { authorization } = request.headers;
    asked.push({ route, query: url.search, authorization, body: await bodyOf(request) });
    const reply = { ...usual, ...replies }[route] ?? {
      status: 404,
      body: { error: { reason: 'not_found', message: 'no' } },
    };
    response.writeHead(reply.status ?? 200);
    response.end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A TCP server's address is an AddressInfo.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const written = { stdout: [] as string[], stderr: [] as string[] };
  const streams = {
    stdout: { write: (text: string) => written.stdout.push(text) > 0 },
    stderr: { write: (text: string) => written.stderr.push(text) > 0 },
  };
  const context = {
    terminal: createTerminal(streams, {}, false),
    connect: () => createNodeClient({ url, token: 'operator', hint: 'start it' }),
    now: () => NOW,
    signals: { listen: () => () => {}, endAtOnce: (_signal: StopSignal) => {} },
    env: {},
    cwd: '/here',
  };
  const code = await runCli(line, context, '1.2.3');
  return { code, out: written.stdout.join(''), err: written.stderr.join(''), asked };
}

const failing = (reason: string, status: number): Reply => ({
  status,
  body: { error: { reason, message: 'what to do' } },
});
const ending = (result: Partial<DirectiveResult>): Record<string, Reply> => ({
  'POST /directives': { body: stream({ type: 'result', result: { ...completed, ...result } }) },
});

test('nodes stand in a table, or as JSON', async () => {
  const { code, out, asked } = await skein(['nodes']);
  expect(code).toBe(0);
  expect(asked[0]?.authorization).toBe('Bearer operator');
  expect(out.split('\n').slice(0, 2)).toEqual([
    'node           status  address                last beat  id',
    `node-1 (this)  online  http://127.0.0.1:4220  5 s ago    aaaaaaaa`,
  ]);
  expect(JSON.parse((await skein(['nodes', '--json'])).out).nodes).toHaveLength(2);
});

test('a program is sent as a list of arguments, its output comes out where it went in', async () => {
  const { code, out, err, asked } = await skein([
    'dispatch',
    '--to',
    'node-2',
    '--ttl',
    '30s',
    '--',
    'cat',
    '-n',
    'a b',
  ]);
  expect({ code, out, err }).toEqual({ code: 0, out: 'hello\n', err: 'aside\n' });
  expect(asked.at(-1)?.body).toMatchObject({
    kind: 'execute_task',
    target: TWO,
    payload: { command: ['cat', '-n', 'a b'] },
    ttlMs: 30_000,
  });
});

test('without -- the program begins at the first word that is no option', async () => {
  const { asked } = await skein(['dispatch', '--to', TWO, 'cat', '-n', '--json', 'x']);
  expect(asked.at(-1)?.body).toMatchObject({ payload: { command: ['cat', '-n', '--json', 'x'] } });
});

test('another kind takes its payload as JSON and prints its output so', async () => {
  const line = ['dispatch', '--to', 'node-2', '--kind', 'sync_state', '--payload', '{"namespace":"a","entries":[]}'];
  const { out, asked } = await skein(line, ending({ output: { merged: 1 } }));
  expect(asked.at(-1)?.body).toMatchObject({ kind: 'sync_state', payload: { namespace: 'a', entries: [] } });
  expect(JSON.parse(out)).toEqual({ merged: 1 });
});

test('who does not wait gets the id', async () => {
  const reply = {
    'POST /directives': { status: 202, body: { directive: directive({ status: 'pending', result: null }) } },
  };
  const { code, out } = await skein(['dispatch', '--to', 'node-2', '--no-wait', 'cat'], reply);
  expect({ code, out }).toEqual({ code: 0, out: `${ID}\n` });
});

test('with --json a dispatch prints the directive alone', async () => {
  const { out } = await skein(['dispatch', '--to', 'node-2', '--json', '--', 'cat']);
  expect(JSON.parse(out)).toEqual(detail);
});

const error = { reason: 'why', message: 'for this' };

test.each<[string, Partial<DirectiveResult>, number, string]>([
  ['ends with another code', { status: 'failed', output: program(7), error }, 7, ''],
  [
    'is ended by a signal',
    { status: 'failed', output: { ...program(0), exitCode: null, signal: 'SIGKILL' }, error },
    1,
    'failed: for this (why)',
  ],
  ['fails without a program', { status: 'failed', output: null, error }, 1, 'failed: for this (why)'],
  ['is refused', { status: 'rejected', output: null, error }, 5, 'rejected: for this (why)'],
  ['times out', { status: 'timed_out', output: null, error }, 124, 'timed_out: for this (why)'],
  ['is cancelled', { status: 'cancelled', output: null, error }, 130, 'cancelled: for this (why)'],
  ['is interrupted', { status: 'interrupted', output: null, error }, 1, 'interrupted: for this (why)'],
])('a directive that %s ends the command so', async (_name, result, code, words) => {
  const ended = await skein(['dispatch', '--to', 'node-2', 'cat'], ending(result));
  expect(ended.code).toBe(code);
  expect(ended.err).toContain(words);
});

test('what goes wrong on the way says that the directive goes on', async () => {
  const running = stream({ type: 'status', status: 'running' });
  const broken = `${running}event: error\ndata: ${JSON.stringify({ error: { reason: 'node_stopped', message: 'it stops' } })}\n\n`;
  for (const body of [running, broken]) {
    const { code, err } = await skein(['dispatch', '--to', 'node-2', 'cat'], { 'POST /directives': { body } });
    expect(code).toBe(1);
    expect(err).toContain(`skein show ${ID}`);
  }
});

test('directives stand in a table by their short ids', async () => {
  const { out, asked } = await skein(['directives', '--status', 'completed', '--limit', '5']);
  expect(asked[0]?.query).toBe('?limit=5&status=completed');
  expect(out.split('\n')[1]).toMatch(/^3f0a8a52 {2}\d\d:\d\d:\d\d {2}to node-2 {2}completed {2}31 ms {2}cat note.txt$/);
});

test('a directive is shown with its way and its output, by the beginning of its id', async () => {
  const { out } = await skein(['show', '3f0a']);
  for (const words of [ID, 'node-1 → node-2', 'completed in 31 ms', 'queued', '  hello', 'exit code 0', '2.0 MB'])
    expect(out).toContain(words);
});

test('a cancellation says what it can', async () => {
  expect((await skein(['cancel', ID])).out).toBe(`asked for the end of ${ID}\n`);
});

test('a token is printed alone, for scripts', async () => {
  const { out, err, asked } = await skein(['token', 'create', '--tier', 'sudo', '--group', 'lab', '--ttl', '5m']);
  expect({ out, err }).toEqual({ out: 'skein_join_x\n', err: '' });
  expect(asked[0]?.body).toEqual({ tier: 'sudo', group: 'lab', ttlMs: 300_000 });
});

test.each<[string, string[], Record<string, Reply>, number, string]>([
  ['a wrong token', ['nodes'], { 'GET /nodes': failing('invalid_token', 401) }, 5, 'what to do'],
  [
    'a body that the node refuses',
    ['dispatch', '--to', TWO, 'x'],
    { 'POST /directives': failing('invalid_argument', 400) },
    2,
    'what to do',
  ],
  ['a node without its database', ['nodes'], { 'GET /nodes': failing('store_unavailable', 503) }, 3, 'what to do'],
  ['something else at that address', ['nodes'], { 'GET /nodes': { status: 404, body: '<html>' } }, 4, "not a node's"],
  ['a node of another version', ['nodes'], { 'GET /nodes': { body: { nodes: 7 } } }, 1, 'same version'],
  ['an unknown node', ['dispatch', '--to', 'node-9', 'x'], {}, 4, 'known here: node-1, node-2'],
  [
    'two nodes of one name',
    ['dispatch', '--to', 'n', 'x'],
    { 'GET /nodes': { body: { nodes: [nodeView(ONE, 'n'), nodeView(TWO, 'n')] } } },
    2,
    ONE,
  ],
  ['an unknown directive', ['show', 'ffff'], {}, 4, 'starts with ffff'],
  ['an id that is none', ['show', 'x y'], {}, 2, 'not a directive'],
  ['nothing to do', ['dispatch', '--to', 'node-2'], {}, 2, 'say what to do'],
  ['a payload and a program', ['dispatch', '--to', 'node-2', '--payload', '{}', 'x'], {}, 2, 'not both'],
  [
    'a payload that is not JSON',
    ['dispatch', '--to', 'node-2', '--kind', 'sync_state', '--payload', '{'],
    {},
    2,
    'not JSON',
  ],
  ['a kind without its payload', ['dispatch', '--to', 'node-2', '--kind', 'sync_state'], {}, 2, 'needs --payload'],
  ['a kind that is none', ['dispatch', '--to', 'node-2', '--kind', 'explode'], {}, 2, 'Allowed choices'],
  ['a duration without its unit', ['dispatch', '--to', 'node-2', '--ttl', '10', 'x'], {}, 2, '30s'],
  ['no target', ['dispatch', 'x'], {}, 2, '--to'],
  ['an unknown command', ['nodse'], {}, 2, 'nodes'],
  ['an unknown option', ['nodes', '--jsno'], {}, 2, '--json'],
  ['a limit of nothing', ['directives', '--limit', '0'], {}, 2, '1 to 1000'],
])('%s ends with its own code and says what to do', async (_name, line, replies, code, words) => {
  const ended = await skein(line, replies);
  expect(ended.code).toBe(code);
  expect(ended.err).toContain(words);
  expect(ended.out).toBe('');
});

test('with --json an error is JSON too', async () => {
  const { err } = await skein(['nodes', '--json'], { 'GET /nodes': failing('invalid_token', 401) });
  expect(JSON.parse(err)).toEqual({ error: { reason: 'invalid_token', message: 'what to do' } });
});

test('a node that does not answer is told with what to do', async () => {
  const client = createNodeClient({ url: 'http://127.0.0.1:1', token: 'x', hint: 'start it' });
  await expect(client.listNodes()).rejects.toMatchObject({ exitCode: 3, message: expect.stringContaining('start it') });
});

test('help and version are no failures', async () => {
  expect(await skein(['--version'])).toMatchObject({ code: 0, out: '1.2.3\n' });
  expect((await skein(['--help'])).out).toContain('Exit codes:');
});
