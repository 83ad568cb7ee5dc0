/** The command line against a node that is only a listener: what it sends, what it prints, how it ends. */
import type { DirectiveResult } from '@skein/contracts';
import { expect, test } from 'vitest';
import { createNodeClient } from './client.ts';
import {
  completed,
  detail,
  directive,
  failing,
  ID,
  nodeView,
  ONE,
  program,
  type Reply,
  skein,
  stream,
  TWO,
} from './testing/fake-node.ts';

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

test('an instance of CortexPrism is named to the node as it is: no list has it', async () => {
  const { asked, code } = await skein(['dispatch', '--to', 'cortex:prism', '--kind', 'query_resources']);
  expect(code).toBe(0);
  expect(asked.at(-1)?.body).toMatchObject({ target: 'cortex:prism', kind: 'query_resources' });
  const reply = { 'POST /directives': failing('unknown_node', 404) };
  expect((await skein(['dispatch', '--to', 'cortex:', '--kind', 'query_resources'], reply)).err).toContain('no node');
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
    'failed on node-2: for this (why)',
  ],
  ['fails without a program', { status: 'failed', output: null, error }, 1, 'failed on node-2: for this (why)'],
  ['is refused', { status: 'rejected', output: null, error }, 5, 'node-2 rejected it: for this (why)'],
  ['times out', { status: 'timed_out', output: null, error }, 124, 'timed_out: for this (why)'],
  ['is cancelled', { status: 'cancelled', output: null, error }, 130, 'cancelled: for this (why)'],
  ['is interrupted', { status: 'interrupted', output: null, error }, 1, 'interrupted on node-2: for this (why)'],
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
    expect(code).toBe(3);
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

test('an instance of CortexPrism is named as a target is, in tables and in `show`', async () => {
  const nodes = [nodeView(ONE, 'node-1')];
  const replies: Record<string, Reply> = {
    'GET /nodes': { body: { nodes, cortexPeers: [{ nodeId: TWO, name: 'prism' }] } },
  };
  expect((await skein(['directives'], replies)).out).toContain('to cortex:prism');
  expect((await skein(['show', '3f0a'], replies)).out).toContain('node-1 → cortex:prism');
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

test.each<[string, string[], string]>([
  ['an argument that is missing', ['show', '--json'], "missing required argument 'id'"],
  ['an unknown command', ['nodess', '--json'], "unknown command 'nodess' (Did you mean nodes?)"],
  ['an unknown option', ['nodes', '--bogus', '--json'], "unknown option '--bogus'"],
  ['a value that is none', ['agents', '--limit', '0', '--json'], 'Write a number from 1 to 1000.'],
  ['an option of no command', ['token', '--json'], "unknown option '--json'"],
])('with --json wrong usage is JSON too: %s', async (_name, line, words) => {
  const { code, out, err } = await skein(line);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(JSON.parse(err)).toEqual({ error: { reason: 'invalid_argument', message: expect.stringContaining(words) } });
});

test('the --json of a program on another node does not change how an error is told', async () => {
  const { err } = await skein(['dispatch', '--to', 'node-9', 'cat', '--json']);
  expect(err).toMatch(/^skein: no node named node-9/);
});

test('help for a word that is no command is an error', async () => {
  expect(await skein(['help', 'bogus'])).toMatchObject({ code: 2, out: '', err: expect.stringContaining("'bogus'") });
  expect((await skein(['help', 'nodes'])).out).toContain('skein nodes');
});

test('what nobody foresaw is one line, with the stack for those who ask', async () => {
  const boom = () => {
    throw new TypeError('boom');
  };
  const plain = await skein(['nodes'], {}, { connect: boom });
  expect(plain).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringMatching(/^skein: .*boom \(SKEIN_DEBUG=1.*\)\n$/),
  });
  const json = await skein(['nodes', '--json'], {}, { connect: boom });
  expect(JSON.parse(json.err).error.reason).toBe('internal_error');
  const debugged = await skein(['nodes'], {}, { connect: boom, env: { SKEIN_DEBUG: '1' } });
  expect(debugged.err).toContain('cli.test.ts');
});

test.each<[string, number, number]>([
  ['illegal_transition', 409, 5],
  ['unseal_at_the_node', 409, 5],
  ['state_refused', 422, 5],
  ['forbidden', 403, 5],
  ['peer_unreachable', 502, 3],
  ['sync_failed', 502, 1],
  ['node_stopped', 503, 3],
  ['unknown_node', 404, 4],
  ['body_too_large', 413, 2],
  ['internal', 500, 1],
  ['constructor', 500, 1],
])('a node that says no with %s (%i) ends a command with %i', async (reason, status, code) => {
  expect(await skein(['nodes'], { 'GET /nodes': failing(reason, status) })).toMatchObject({
    code,
    err: 'skein: what to do\n',
  });
});
