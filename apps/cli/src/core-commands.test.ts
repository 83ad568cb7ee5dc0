/** The commands of the core against a node that is only a listener. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentView, DirectiveResult, Mail, SwarmEvent } from '@skein/contracts';
import { afterEach, expect, test } from 'vitest';
import { completed, failing, ID, nodeView, ONE, type Reply, skein, stream, TWO } from './testing/fake-node.ts';
import { AGENT, AT, agent, decided, ENDED, node, nothing, topologyOf, usage, usageOf } from './testing/samples.ts';

const MAIL = '7c1f6f0e-1111-4222-8333-944455556666' as Mail['id']; // branded; written down by hand

const spawned: DirectiveResult = { ...completed, output: { mode: 'detach', agentId: AGENT, state: 'running' } };

const mail: Mail = {
  ...{ id: MAIL, recipient: { session: 'demo' }, contextId: 'thread-1', sequence: 1, receivedAt: AT },
  message: { messageId: 'm', role: 'ROLE_USER', parts: [{ text: 'hello\u001b[2J there' }] },
  provenance: { origin: 'forwarded', sourceNodeId: TWO, directiveId: ID },
  acknowledgedAt: null,
};

const replies: Record<string, Reply> = {
  'GET /topology': { body: topologyOf([]) },
  'GET /agents': {
    body: {
      agents: [
        { agent: agent(), pid: 900_000 },
        { agent: agent({ id: ENDED, name: 'older', state: 'completed', endedAt: AT }), pid: null },
      ],
    },
  },
  'POST /agents': { body: stream({ type: 'result', result: spawned }) },
  [`POST /agents/${AGENT}/steer`]: { body: { mailId: MAIL, delivered: 'stdin' } },
  [`POST /agents/${AGENT}/kill`]: { body: { agent: agent({ state: 'killed', endedAt: AT }) } },
  [`POST /nodes/${TWO}/drain`]: { status: 202, body: decided('draining', { running: 2 }) },
  [`POST /nodes/${TWO}/undrain`]: { body: decided('eligible') },
  [`POST /nodes/${ONE}/seal`]: { body: decided('sealed', { nodeId: ONE, applied: 'here' }) },
  'POST /unseal': { body: decided('eligible', { nodeId: ONE }) },
  'GET /mailboxes': {
    body: { mailboxes: [{ recipient: { session: 'demo' }, messages: 3, unacknowledged: 1, lastReceivedAt: AT }] },
  },
  'GET /mailboxes/session/demo': { body: { mail: [mail] } },
  'POST /mailboxes/session/demo/acknowledge': { body: { acknowledged: [MAIL], missing: [] } },
  'GET /state': {
    body: { namespaces: [{ name: 'memory', entries: 2, bytes: 120, maxEntries: 1_000, maxBytes: 4_194_304 }] },
  },
  'PUT /state/memory/a%2Fb': {
    body: {
      namespace: 'memory',
      key: 'a/b',
      value: 7,
      deleted: false,
      version: { counter: 2, nodeId: ONE },
      updatedAt: AT,
    },
  },
  'POST /state/memory/sync': { body: { sent: 3, received: 1, refused: [] } },
};
const ask = (line: string[], more: Record<string, Reply> = {}) => skein(line, { ...replies, ...more });

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

test('agents stand in a table with their pid here; those that ended only with --all', async () => {
  const running = await ask(['agents']);
  expect(running.out.split('\n')[0]?.split(/ +/)).toEqual([
    'id',
    'pid',
    'name',
    'on',
    'for',
    'state',
    'took',
    'used',
    'says',
  ]);
  expect(running.out).toContain('0b1f6f0e  900000  notes  node-2  node-1  running  5.0 s');
  expect(running.out).not.toContain('completed');
  expect((await ask(['agents', '--all'])).out).toContain('completed');
});

test('with --everywhere agents of others stand in the list too, each once', async () => {
  const other = agent({ id: ENDED, name: 'theirs', spawnedBy: TWO, nodeId: ONE });
  const body = topologyOf([node('node-1', { nodeId: ONE, agents: [other] }), node('node-2', { agents: [agent()] })]);
  const { out } = await ask(['agents', '--everywhere'], {
    'GET /agents': { body: { agents: [{ agent: agent(), pid: 900_000 }] } },
    'GET /topology': { body },
  });
  expect(out.match(/notes/g)).toHaveLength(1);
  expect(out).toContain('theirs  node-1  node-2');
});

test('an agent of others is meant by its name where no other is', async () => {
  const other = agent({ id: ENDED, name: 'theirs', spawnedBy: TWO, nodeId: ONE });
  const { code, asked } = await ask(['kill', 'theirs'], {
    'GET /topology': { body: topologyOf([node('node-1', { nodeId: ONE, agents: [other] })]) },
    [`POST /agents/${ENDED}/kill`]: { body: { agent: { ...other, state: 'killed', endedAt: AT } } },
  });
  expect(code).toBe(0);
  expect(asked.at(-1)?.route).toBe(`POST /agents/${ENDED}/kill`);
});

test('a detached agent is spawned by its type and told by its id', async () => {
  const { code, out, asked } = await ask([
    'spawn',
    'indexer',
    'index',
    'the notes',
    '--to',
    'node-2',
    '--name',
    'notes',
  ]);
  expect({ code, out }).toEqual({ code: 0, out: `${AGENT}\n` });
  expect(asked.at(-1)).toMatchObject({
    route: 'POST /agents',
    body: { target: TWO, agentType: 'indexer', instruction: 'index the notes', mode: 'detach', name: 'notes' },
  });
});

test('a selector stands in the place of a node', async () => {
  const line = [
    'spawn',
    'indexer',
    'go',
    '--group',
    'gpu',
    '--label',
    'zone=a',
    '--label',
    'rack=1=2',
    '--capability',
    'x',
  ];
  const { asked } = await ask(line);
  expect(asked.at(-1)?.body).toMatchObject({
    target: { group: 'gpu', labels: { zone: 'a', rack: '1=2' }, capabilities: ['x'] },
  });
});

test('an agent is steered and killed by its name or the beginning of its id', async () => {
  const steered = await ask(['steer', 'notes', 'look', 'again']);
  expect(steered).toMatchObject({ code: 0, out: 'told: 0b1f6f0e\n' });
  expect(steered.asked.at(-1)?.body).toEqual({ text: 'look again' });
  expect((await ask(['kill', '0b1f', '--reason', 'enough'])).out).toBe('notes 0b1f6f0e is killed\n');
});

test('nodes are drained, undrained, sealed and unsealed', async () => {
  const drained = await ask(['drain', 'node-2', '--deadline', '30s', '--force', '--reason', 'a new disk']);
  expect(drained).toMatchObject({ code: 0, out: 'node-2 is draining; 2 still running\n' });
  expect(drained.asked.at(-1)?.body).toEqual({ deadlineMs: 30_000, force: true, reason: 'a new disk' });
  expect((await ask(['undrain', 'node-2'])).out).toBe('node-2 is eligible\n');
  expect((await ask(['seal'])).out).toContain('node-1 is sealed; it does not answer');
  expect((await ask(['unseal', '--join-token', 'skein_join_x'])).out).toBe('node-1 is eligible\n');
});

test('mailboxes are listed, read without a control character, and acknowledged', async () => {
  expect((await ask(['inbox'])).out).toContain('session:demo        1       3  5.0 s ago'.replace('5.0 s', '5 s'));
  const read = await ask(['inbox', 'session:demo']);
  expect(read.out).toContain('hello�[2J there');
  const cortexPeers = [{ nodeId: TWO, name: 'prism' }];
  const named = await ask(['inbox', 'session:demo'], { 'GET /nodes': { body: { nodes: [], cortexPeers } } });
  expect(named.out).toContain('cortex:prism');
  const acknowledged = await ask(['ack', 'session:demo', '7c1f']);
  expect(acknowledged).toMatchObject({ code: 0, out: '1 acknowledged\n' });
  expect(acknowledged.asked.at(-1)?.body).toEqual({ ids: [MAIL] });
});

test('a message goes to a session on another node', async () => {
  const sent: DirectiveResult = { ...completed, output: { mailId: MAIL, recipient: { session: 'demo' } } };
  const { out, asked } = await ask(['send', 'session:demo', 'good', 'morning', '--to', 'node-2', '--thread', 't'], {
    'POST /directives': { body: stream({ type: 'result', result: sent }) },
  });
  expect(out).toBe('delivered: 7c1f6f0e\n');
  expect(asked.at(-1)?.body).toMatchObject({
    kind: 'forward_message',
    payload: { to: { session: 'demo' }, contextId: 't', message: { parts: [{ text: 'good morning' }] } },
  });
});

test('state is listed, written under any key, and synced', async () => {
  expect((await ask(['state'])).out).toContain('memory     2 of 1,000  120 B of 4.2 MB');
  const written = await ask(['state', 'put', 'memory', 'a/b', '7']);
  expect(written).toMatchObject({ code: 0, out: 'a/b is at version 2\n' });
  expect(written.asked.at(-1)?.body).toEqual({ value: 7 });
  const synced = await ask(['state', 'sync', 'memory', '--with', 'node-2']);
  expect(synced).toMatchObject({ code: 0, out: '3 to node-2, 1 from there\n' });
});

const events = (...items: object[]) => items.map((item) => `event: x\ndata: ${JSON.stringify(item)}\n\n`).join('');
const broadcastId = ID;
const skipped = [{ nodeId: TWO, name: 'node-9', reason: 'offline' }];

test.each([
  ['all completed', [], 0],
  ['one was left out', skipped, 0],
])(
  'a broadcast prints each answer as it comes, and is done when all that were asked are: %s',
  async (_, left, code) => {
    const ended = await ask(['broadcast', '--kind', 'query_resources', '--group', 'gpu'], {
      'POST /broadcast': {
        body: events(
          { type: 'sent', broadcastId, directives: [{ directiveId: ID, nodeId: TWO }], skipped: left },
          {
            type: 'update',
            nodeId: TWO,
            update: { type: 'result', directiveId: ID, result: { ...completed, output: {} } },
          },
          { type: 'ended', summary: { broadcastId, total: 1, completed: 1, failed: 0, open: 0, skipped: left } },
        ),
      },
    });
    expect(ended.code).toBe(code);
    expect(ended.out).toContain('node-2  3f0a8a52  completed       31 ms');
    const leftOut = left.length > 0 ? ', 1 left out: node-9 offline' : '';
    expect(ended.err).toBe(`1 of 1 completed${leftOut}\n`);
    expect(ended.asked.at(-1)?.body).toEqual({ kind: 'query_resources', payload: {}, to: { group: 'gpu' } });
  },
);

test('the topology shows who runs what where and for whom, and the branches', async () => {
  const child = agent({ name: 'child', nodeId: ONE, spawnedBy: TWO });
  const body = topologyOf(
    [
      node('node-1', { nodeId: ONE, isSelf: true, agents: [child] }),
      node('node-2', { agents: [agent()], usage }),
      node('node-3', { status: 'offline', answered: false }),
    ],
    [
      {
        spawnedBy: ONE,
        totals: usage,
        roots: [
          {
            agent: agent(),
            totals: usage,
            agents: 2,
            children: [{ agent: child, totals: usage, agents: 1, children: [] }],
          },
        ],
      },
    ],
  );
  const { out } = await ask(['topology'], { 'GET /topology': { body } });
  expect(out.trimEnd().split('\n')).toEqual([
    '3 nodes, 2 agents and 0 directives running',
    '',
    'node-1 (this)  online',
    '  └─ child 0b1f6f0e  running 5.0 s  for node-3  “file 3 of 9”',
    '',
    'node-2  online  24 h: 520 ms cpu · 64 MB · 1,200 in, 40 out · $0.0009 · 3 tool calls',
    '  └─ notes 0b1f6f0e  running 5.0 s  for node-1  “file 3 of 9”',
    '',
    'node-3  offline  did not answer: what runs there is not known',
    '',
    'node-1 has running  520 ms cpu · 64 MB · 1,200 in, 40 out · $0.0009 · 3 tool calls',
    '└─ notes 0b1f6f0e on node-3  2 agents, 520 ms cpu · 64 MB · 1,200 in, 40 out · $0.0009 · 3 tool calls',
    '   └─ child 0b1f6f0e on node-1  520 ms cpu · 64 MB · 1,200 in, 40 out · $0.0009 · 3 tool calls',
  ]);
});

test('at forty nodes the topology and the report tell of the busy ones and count the others', async () => {
  const names = Array.from({ length: 40 }, (_, index) => `node-${String(index + 1).padStart(2, '0')}`);
  const body = topologyOf(names.map((name, index) => node(name, index === 7 ? { agents: [agent()] } : {})));
  const topology = await ask(['topology'], { 'GET /topology': { body } });
  expect(topology.out.split('\n').length).toBeLessThan(8);
  expect(topology.out).toContain('nothing runs on node-01, node-02, node-03, node-04, node-05, node-06 and 33 more');
  const nodes = names.map((name, index) =>
    usageOf(name, index < 3 ? { ...usage, costMicroUsd: index } : nothing, index > 0),
  );
  const report = { since: AT, until: AT, totalNodes: 40, onlineNodes: 39, totals: usage, nodes };
  const { out } = await ask(['report'], { 'GET /report': { body: report } });
  const lines = out.split('\n');
  expect(lines.slice(1, 5).map((line) => line.split(' ')[0])).toEqual(['node-03', 'node-02', 'node-01*', 'all']);
  expect(lines[4]).toContain('39 of 40 online');
  expect(out).toContain('and 31 more');
  expect(out).toContain('* did not answer');
});

test('the report stars whoever did not answer, and only then says what a star means', async () => {
  const bodyOf = (nodes: ReturnType<typeof usageOf>[], totalNodes = nodes.length) => ({
    'GET /report': { body: { ...{ since: AT, until: AT, totalNodes, onlineNodes: 1, totals: usage, nodes } } },
  });
  const away = { ...usageOf('node-2', nothing, false), status: 'offline' as const };
  const idle = await ask(['report'], bodyOf([usageOf('node-1', usage), usageOf('node-3', nothing), away]));
  expect(idle.out).toContain('no work on node-2* (offline), node-3\n* did not answer');
  expect((await ask(['report'], bodyOf([usageOf('node-1', usage)]))).out).not.toContain('*');
  const removed = await ask(['report'], bodyOf([usageOf('node-1', usage), usageOf('gone', usage, false)], 1));
  expect(removed.out).toMatch(/gone +removed/);
  expect(removed.out).not.toContain('*');
});

test('what runs on a node that is away is told as it was seen last', async () => {
  const away = node('node-2', { status: 'offline', answered: false, agents: [agent()] });
  const { out } = await ask(['topology'], { 'GET /topology': { body: topologyOf([away]) } });
  expect(out).toContain('notes 0b1f6f0e  last seen running, 5 s ago  for node-1');
  const order = { id: ID, kind: 'execute_task' as const, sourceNodeId: TWO, parentDirectiveId: null, startedAt: AT };
  const at = await ask(['topology'], {
    'GET /topology': { body: topologyOf([node('node-2', { directives: [order] })]) },
  });
  expect(at.out).toContain('execute_task 3f0a8a52  running 5.0 s  for node-2');
});

test('what an instance of CortexPrism has running is shown under its name', async () => {
  const prism = { cortexPeers: [{ nodeId: TWO, name: 'prism' }] };
  const order = { id: ID, kind: 'execute_task' as const, sourceNodeId: TWO, parentDirectiveId: null, startedAt: AT };
  const body = topologyOf([node('node-1', { nodeId: ONE, directives: [order] })]);
  const known = { 'GET /nodes': { body: { nodes: [nodeView(ONE, 'node-1')], ...prism } }, 'GET /topology': { body } };
  expect((await ask(['topology'], known)).out).toContain('execute_task 3f0a8a52  running 5.0 s  for cortex:prism');
  const agents = { ...known, 'GET /agents': { body: { agents: [{ agent: agent({ spawnedBy: TWO }), pid: null }] } } };
  expect((await ask(['agents'], agents)).out).toContain('cortex:prism');
});

test('watching prints each event on a line, without beats unless they are asked for', async () => {
  const told: SwarmEvent[] = [
    { type: 'node.liveness_changed', nodeId: TWO, from: 'online', to: 'suspect', incarnation: 1 },
    { type: 'agent.ended', agent: agent({ state: 'completed' }) },
  ];
  const shown = { 'GET /events': { body: events(...told.map((event) => ({ at: AT, event }))) } };
  const { code, out, asked } = await ask(['watch'], shown);
  expect(code).toBe(0);
  const lines = out.trimEnd().split('\n');
  expect(lines).toHaveLength(2);
  expect(lines[0]).toContain('node-2  online → suspect');
  expect(lines[1]).toContain('agent notes on node-2  completed');
  const typesOf = (query: string | undefined) => new URLSearchParams(query).get('types')?.split(',');
  expect(typesOf(asked.at(-1)?.query)).toContain('seed.failed');
  expect(typesOf(asked.at(-1)?.query)).not.toContain('heartbeat.answered');
  const only = await ask(['watch', '--only', 'heartbeat', 'mail'], shown);
  expect(typesOf(only.asked.at(-1)?.query)).toEqual(['heartbeat.answered', 'heartbeat.failed', 'mail.received']);
  const json = await ask(['watch', '--json', '--beats'], shown);
  expect(json.asked.at(-1)?.query).toBe('');
  const printed = json.out.trimEnd().split('\n');
  expect(printed.map((line) => JSON.parse(line).event)).toEqual(told);
});

test('init writes a configuration once, and over it only when forced', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skein-init-'));
  folders.push(folder);
  const line = [
    'init',
    'north',
    '--port',
    '4300',
    '--group',
    'lab',
    '--seed',
    'http://127.0.0.1:4220',
    '--allow-program',
    '/bin/cat',
    '--agent',
    'index=/opt/index',
  ];
  const written = await skein(line, {}, { cwd: folder });
  expect(written.out).toBe('.skein/node/skein.config.json is written. Start the node with:\n\n  skein up\n');
  const file = join(folder, '.skein', 'node', 'skein.config.json');
  const config = {
    name: 'north',
    port: 4300,
    group: 'lab',
    seeds: ['http://127.0.0.1:4220'],
    execute: { programs: ['/bin/cat'] },
    agents: { index: { command: ['/opt/index'] } },
  };
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(config);
  expect(await skein(['init', 'south'], {}, { cwd: folder })).toMatchObject({
    code: 6,
    err: expect.stringContaining('--force'),
  });
  expect(JSON.parse(readFileSync(file, 'utf8')).name).toBe('north');
  expect((await skein(['init', 'south', '--force'], {}, { cwd: folder })).code).toBe(0);
  expect(JSON.parse(readFileSync(file, 'utf8')).name).toBe('south');
});

test.each<[string, string[], Record<string, Reply>, number, string]>([
  ['no agent of that name', ['kill', 'nobody'], {}, 4, 'agents --all'],
  [
    'two agents of one name',
    ['steer', 'twins', 'x'],
    {
      'GET /agents': {
        body: {
          agents: [
            { agent: agent({ name: 'twins' }), pid: null },
            { agent: agent({ name: 'twins', id: ID as unknown as AgentView['id'] }), pid: null },
          ],
        },
      },
    },
    2,
    AGENT,
  ],
  [
    'an agent that has ended',
    ['steer', 'notes', 'x'],
    { [`POST /agents/${AGENT}/steer`]: failing('agent_ended', 409) },
    5,
    'what to do',
  ],
  ['a context that is not JSON', ['spawn', 'indexer', 'x', '--to', 'node-2', '--context', '{'], {}, 2, 'not JSON'],
  ['no target', ['spawn', 'indexer', 'x'], {}, 2, '--group'],
  ['a node and a selector', ['spawn', 'indexer', 'x', '--to', 'node-2', '--group', 'g'], {}, 2, 'not both'],
  ['a label without a value', ['spawn', 'indexer', 'x', '--label', 'zone'], {}, 2, 'KEY=VALUE'],
  ['a recipient of no kind', ['inbox', 'demo'], {}, 2, 'session:NAME'],
  ['nothing to acknowledge', ['ack', 'session:demo'], {}, 2, '--all'],
  ['a message that is not there', ['ack', 'session:demo', 'ffff'], {}, 4, 'ffff'],
  ['a value that is not JSON', ['state', 'put', 'memory', 'k', 'text'], {}, 2, 'in quotes'],
  [
    'a drain that is not allowed',
    ['drain', 'node-2'],
    { [`POST /nodes/${TWO}/drain`]: failing('forbidden', 403) },
    5,
    'what to do',
  ],
  ['a name that is none', ['init', 'a b'], {}, 2, 'begins with a letter'],
  ['events that there are not', ['watch', '--only', 'bogus'], {}, 2, 'node.liveness_changed'],
  ['more mail than is listed at once', ['inbox', 'session:demo', '--limit', '501'], {}, 2, '1 to 500'],
  ['a port that is none', ['init', 'a', '--port', ''], {}, 2, '65535'],
  ['a seed that is no origin', ['init', 'a', '--seed', 'north:4220'], {}, 2, 'http://'],
  ['a program by its name', ['init', 'a', '--allow-program', 'cat'], {}, 2, 'absolute'],
  ['an agent without its program', ['init', 'a', '--agent', 'index'], {}, 2, 'NAME=PATH'],
  ['a folder that cannot be made', ['init', 'a', '--data-dir', '/dev/null/x'], {}, 1, 'could not be written (ENOTDIR)'],
  ['a folder that is a file', ['init', 'a', '--data-dir', '/dev/null'], {}, 1, 'could not be written'],
  ['a group that is none', ['broadcast', '--group', 'a b', '--kind', 'query_resources'], {}, 2, 'begins with a letter'],
])('%s ends with its own code and says what to do', async (_name, line, more, code, words) => {
  const ended = await ask(line, more);
  expect(ended.code).toBe(code);
  expect(ended.err).toContain(words);
  expect(ended.out).toBe('');
});

test('a folder that cannot be made is told as JSON to whoever asked for it', async () => {
  const { code, err } = await ask(['init', 'a', '--data-dir', '/dev/null/x', '--json']);
  expect([code, JSON.parse(err).error.reason]).toEqual([1, 'not_written']);
});

test('nodes that are out of work show it', async () => {
  const nodes = [nodeView(ONE, 'node-1'), { ...nodeView(TWO, 'node-2'), status: 'drained', eligibility: 'drained' }];
  expect((await ask(['nodes'], { 'GET /nodes': { body: { nodes } } })).out).toContain('drained');
});
