/** `npm start`, as a stranger runs it: three real nodes, work of every kind that crosses between them, and nothing left behind. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DirectiveList, type DirectiveView, ProgramOutput, SpawnAgentOutput } from '@skein/contracts';
import { systemClock } from '@skein/contracts/runtime';
import { connect, type Database } from '@skein/drizzle';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { eventually } from './fleet.ts';

const SKEIN = fileURLToPath(new URL('../../apps/cli/bin/skein.mjs', import.meta.url));
const names = ['node-1', 'node-2', 'node-3'] as const;
const nonce = randomUUID();
/** Words as the agent reads them, which stand in one file on node-3 alone. */
const [titleWord, tellingWord] = [randomUUID(), randomUUID()].map((id) => `w${id.replaceAll('-', '')}`);
const folder = mkdtempSync(join(tmpdir(), 'skein-demo-'));
const swarm = join(folder, '.skein');
const notes = join(swarm, 'node-3', 'work', 'notes');

const started: ChildProcess[] = [];
let demo: Demo;

// Three cold databases on a busy machine take their time.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });
beforeAll(async () => {
  chmodSync(folder, 0o711); // as root, the databases run as another user, who must pass
  mkdirSync(join(swarm, 'node-2', 'work'), { recursive: true, mode: 0o711 });
  mkdirSync(notes, { recursive: true, mode: 0o711 });
  writeFileSync(join(swarm, 'node-2', 'work', 'note.txt'), `${nonce}\n`);
  writeFileSync(join(notes, 'ours.txt'), `On ${titleWord}\n\n${`${tellingWord} `.repeat(5)}\n`);
  demo = await startUntilUp();
});
afterAll(async () => {
  for (const child of started) child.kill('SIGKILL'); // after a failure: their nodes go with them
  await eventually('nothing left', async () => leftovers().length === 0);
  rmSync(folder, { recursive: true, force: true });
});

interface Demo {
  child: ChildProcess;
  said: () => string;
}

/** What would be set for a node of the user's own must not reach these three. */
function startDemo(...flags: string[]): Demo {
  const child = spawn(process.execPath, [SKEIN, 'demo', '--port', '0', ...flags], {
    cwd: folder,
    env: { ...process.env, DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none', SKEIN_NAME: 'mine', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      said += String(chunk);
    });
  return { child, said: () => said };
}

async function startUntilUp(): Promise<Demo> {
  const { child, said } = startDemo();
  await eventually(
    'the swarm is up',
    async () => {
      if (child.exitCode !== null) throw new Error(`the demonstration ended with ${child.exitCode}:\n${said()}`);
      return said().includes('The swarm is up');
    },
    90_000,
  );
  return { child, said };
}

const dataDir = (name: string) => join(swarm, name);
const read = (name: string, file: string) => readFileSync(join(dataDir(name), file), 'utf8').trim();
const nodeIds = () => names.map((name) => read(name, 'node-id'));
const pidOf = (name: string): number => JSON.parse(read(name, 'node.json')).pid;

/** Everything that works in this folder, but for those who look. */
function leftovers(): string[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line.includes(swarm));
}

/** Asks a node's own database, through the socket that its server names. */
async function ask<T>(name: string, query: (sql: Database['sql']) => Promise<T>): Promise<T> {
  const base = existsSync(join(dataDir(name), 'database')) ? join(dataDir(name), 'database') : dataDir(name);
  const [, , , , host = ''] = readFileSync(join(base, 'pg', 'postmaster.pid'), 'utf8').split('\n');
  const target = { host, port: 5432, user: 'skein', database: 'postgres' };
  await using database = await connect(target, { applicationName: 'a look', maxConnections: 1 });
  return await query(database.sql);
}

/** The same question to every node's database. */
const askAll = <T>(query: (sql: Database['sql']) => Promise<T>) => Promise.all(names.map((name) => ask(name, query)));

async function sentDirectives(): Promise<DirectiveView[]> {
  const { address } = JSON.parse(read('node-1', 'node.json'));
  const reply = await fetch(`${address}/api/swarm/directives`, {
    headers: { authorization: `Bearer ${read('node-1', 'operator-token')}` },
  });
  return DirectiveList.parse(await reply.json()).directives;
}

/** The table under this head, row by row, each cell under its column's name. */
function tableIn(text: string, ...head: readonly string[]): Record<string, string>[] {
  const cells = (line: string) => line.trim().split(/ {2,}/);
  const lines = text.split('\n');
  const at = lines.findIndex((line) => head.every((name, index) => cells(line)[index] === name));
  if (at < 0) throw new Error(`no table begins with ${head.join(', ')}:\n${text}`);
  const columns = cells(lines[at] ?? '');
  const end = lines.findIndex((line, index) => index > at && line.trim() === '');
  return lines
    .slice(at + 1, end)
    .map((line) => Object.fromEntries(cells(line).map((cell, index) => [columns[index] ?? '', cell])));
}

const work = [
  ...[
    { kind: 'execute_task', node: 'node-2' },
    { kind: 'execute_task', node: 'node-3' },
  ],
  ...[
    { kind: 'spawn_agent', node: 'node-3' },
    { kind: 'forward_message', node: 'node-2' },
  ],
  ...[
    { kind: 'sync_state', node: 'node-3' },
    { kind: 'query_resources', node: 'node-2' },
  ],
  ...[
    { kind: 'query_resources', node: 'node-3' },
    { kind: 'query_resources', node: 'all others' },
  ],
];

/** What the table, the process tree and the report must say after so many runs of the work. */
function expectShown(said: string, runs: number): void {
  const answers = tableIn(said, 'kind', 'node', 'status');
  expect(answers).toEqual(work.map((order) => expect.objectContaining({ ...order, status: 'completed' })));
  expect(answers.at(-1)?.output).toBe('a broadcast: 2 of 2 completed');
  expect(said).toMatch(/the process tree of node-1 while the agent runs\n.* 9\d{5} {2}index-folder on node-3 /);
  const files = readdirSync(notes).length;
  expect(files).toBeGreaterThan(1);
  const report = tableIn(said, 'node', 'status', 'tokens in');
  expect(report.find(({ node }) => node === 'node-3')?.['tool calls']).toBe(String(runs * files));
  expect(report.find(({ node }) => node === 'all')).toMatchObject({ 'tool calls': String(runs * files) });
}

test('the first node gives out all five kinds and a broadcast, shows its agent on another node, and the report', () => {
  expectShown(demo.said(), 1);
});

test('each directive is completed in the database of the node that it was for, and in no other', async () => {
  const sent = await sentDirectives();
  const rows = await askAll(
    (sql) => sql<{ id: string; kind: string; state: string }[]>`
    select id, kind, state from swarm_directive_inbox order by seq`,
  );
  expect(rows.map((found) => found.map(({ kind }) => kind))).toEqual([
    [],
    ['execute_task', 'forward_message', 'query_resources', 'query_resources'],
    ['execute_task', 'spawn_agent', 'sync_state', 'query_resources', 'query_resources'],
  ]);
  expect(new Set(rows.flat().map(({ state }) => state))).toEqual(new Set(['completed']));
  const nodeIds = names.map((name) => read(name, 'node-id'));
  for (const [index, found] of rows.entries())
    expect(found.map(({ id }) => id).sort()).toEqual(
      sent.flatMap(({ id, targetNodeId }) => (targetNodeId === nodeIds[index] ? [id] : [])).sort(),
    );
  const together = sent.filter(({ broadcastId }) => broadcastId !== null);
  expect(together.map(({ targetNodeId }) => targetNodeId).sort()).toEqual(nodeIds.slice(1).sort());
  expect(new Set(together.map(({ broadcastId }) => broadcastId)).size).toBe(1);
});

test('the agent answers with words that stand in a file of its node alone', async () => {
  const spawned = (await sentDirectives()).find(({ kind }) => kind === 'spawn_agent');
  const output = SpawnAgentOutput.parse(spawned?.result?.output);
  expect(output).toMatchObject({ mode: 'wait', state: 'completed', exitCode: 0 });
  const answer = 'response' in output ? output.response : '';
  expect(answer).toContain(`ours.txt: On ${titleWord} (`);
  expect(answer).toContain(`\n${tellingWord}: ours.txt\n`);
});

test('the message waits in its node’s mailbox, and the entry stands in its node’s shared state', async () => {
  const mail = await askAll(
    (sql) => sql`
    select recipient_kind, recipient, message, acknowledged_at from mailbox`,
  );
  const waiting = {
    ...{ recipient_kind: 'session', recipient: 'demo', acknowledged_at: null },
    message: expect.objectContaining({ parts: [{ text: 'node-1 gives its regards' }] }),
  };
  expect(mail).toEqual([[], [waiting], []]);
  const entries = await askAll(
    (sql) => sql`
    select namespace, key, value, deleted, writer from shared_state`,
  );
  const leader = { namespace: 'memory', key: 'leader', value: 'node-1', deleted: false };
  expect(entries).toEqual([[], [], [{ ...leader, writer: read('node-1', 'node-id') }]]);
});

test('three processes with three databases carry a directive from the first to the second, and end with a signal', async () => {
  expect(new Set(names.map(pidOf)).size).toBe(3);
  for (const name of names) process.kill(pidOf(name), 0); // throws where there is no such process

  const clusters = await askAll(
    (sql) => sql<{ id: string }[]>`select system_identifier::text as id from pg_control_system()`,
  );
  expect(new Set(clusters.map(([row]) => row?.id)).size).toBe(3);

  const directive = (await sentDirectives()).find(({ payload }) => JSON.stringify(payload).includes('note.txt'));
  expect(ProgramOutput.parse(directive?.result?.output).stdout).toBe(`${nonce}\n`);
  const rows = await askAll((sql) => sql`select 1 from swarm_directive_inbox where id = ${directive?.id ?? ''}`);
  expect(rows.map((found) => found.length)).toEqual([0, 1, 0]);

  const began = systemClock.now();
  demo.child.kill('SIGINT');
  const [code] = await once(demo.child, 'exit');
  expect(code).toBe(0);
  expect(systemClock.now() - began).toBeLessThan(5_000);
  expect(leftovers()).toEqual([]);
});

test('a second start finds its data again, needs no tokens, and --exit ends it after the table', async () => {
  const before = nodeIds();
  const { child, said } = startDemo('--exit');
  const [code] = await once(child, 'exit');
  expect({ code, said: said() }).toMatchObject({ code: 0, said: expect.stringContaining(nonce) });
  expect(said().match(/is back/g)).toHaveLength(3);
  expect(said()).not.toContain('with a token');
  expectShown(said(), 2);
  expect(nodeIds()).toEqual(before);
  expect(leftovers()).toEqual([]);
});

test('a node that dies by itself is reported with the end of its log; when the demonstration is killed, all die', async () => {
  const { child, said } = await startUntilUp();
  process.kill(pidOf('node-2'), 'SIGKILL');
  await eventually('a report', async () => said().includes('node-2 was ended by SIGKILL'));
  expect(said()).toContain('the node listens');
  child.kill('SIGKILL');
  await once(child, 'exit');
  await eventually('nothing left', async () => leftovers().length === 0, 5_000);
});

test('a swarm that is there already is not started twice', async () => {
  const first = await startUntilUp();
  const second = startDemo('--exit');
  const [code] = await once(second.child, 'exit');
  expect(code).toBe(6);
  expect(second.said()).toContain('in use by node node-1');
  expect(second.said()).not.toMatch(/^\s+at /m); // a line for people, no stack trace
  first.child.kill('SIGTERM');
  expect((await once(first.child, 'exit'))[0]).toBe(0);
});
