/** `npm start`, as a stranger runs it: three real nodes, work that crosses between them, and nothing left behind. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DirectiveList, type DirectiveView, ProgramOutput } from '@skein/contracts';
import { systemClock } from '@skein/contracts/runtime';
import { connect, type Database } from '@skein/drizzle';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { eventually } from './fleet.ts';

const SKEIN = fileURLToPath(new URL('../../apps/cli/bin/skein.mjs', import.meta.url));
const names = ['node-1', 'node-2', 'node-3'] as const;
const nonce = randomUUID();
const folder = mkdtempSync(join(tmpdir(), 'skein-demo-'));
const swarm = join(folder, '.skein');

const started: ChildProcess[] = [];

// Three cold databases on a busy machine take their time.
vi.setConfig({ testTimeout: 90_000 });
beforeAll(() => {
  chmodSync(folder, 0o711); // as root, the databases run as another user, who must pass
  mkdirSync(join(swarm, 'node-2', 'work'), { recursive: true, mode: 0o711 });
  writeFileSync(join(swarm, 'node-2', 'work', 'note.txt'), `${nonce}\n`);
});
afterAll(async () => {
  for (const child of started) child.kill('SIGKILL'); // after a failure: their nodes go with them
  await eventually('nothing left', async () => leftovers().length === 0);
  rmSync(folder, { recursive: true, force: true });
});

/** What would be set for a node of the user's own must not reach these three. */
function startDemo(...flags: string[]): { child: ChildProcess; said: () => string } {
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

async function startUntilUp(): Promise<ChildProcess> {
  const { child, said } = startDemo();
  await eventually('the swarm is up', async () => {
    if (child.exitCode !== null) throw new Error(`the demonstration ended with ${child.exitCode}:\n${said()}`);
    return said().includes('The swarm is up');
  });
  return child;
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

async function noteDirective(): Promise<DirectiveView> {
  const { address } = JSON.parse(read('node-1', 'node.json'));
  const reply = await fetch(`${address}/api/swarm/directives`, {
    headers: { authorization: `Bearer ${read('node-1', 'operator-token')}` },
  });
  const { directives } = DirectiveList.parse(await reply.json());
  const found = directives.find(({ payload }) => JSON.stringify(payload).includes('note.txt'));
  if (!found) throw new Error('node-1 knows of no directive that reads the note');
  return found;
}

test('three processes with three databases carry a directive from the first to the second, and end with a signal', async () => {
  const demo = await startUntilUp();
  expect(new Set(names.map(pidOf)).size).toBe(3);
  for (const name of names) process.kill(pidOf(name), 0); // throws where there is no such process

  const clusters = await Promise.all(
    names.map((name) =>
      ask(name, (sql) => sql<{ id: string }[]>`select system_identifier::text as id from pg_control_system()`),
    ),
  );
  expect(new Set(clusters.map(([row]) => row?.id)).size).toBe(3);

  const directive = await noteDirective();
  expect(ProgramOutput.parse(directive.result?.output).stdout).toBe(`${nonce}\n`);
  const rows = await Promise.all(
    names.map((name) => ask(name, (sql) => sql`select 1 from swarm_directive_inbox where id = ${directive.id}`)),
  );
  expect(rows.map((found) => found.length)).toEqual([0, 1, 0]);

  const began = systemClock.now();
  demo.kill('SIGINT');
  const [code] = await once(demo, 'exit');
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
  expect(said().match(/completed/g)).toHaveLength(4);
  expect(nodeIds()).toEqual(before);
  expect(leftovers()).toEqual([]);
});

test('a node that dies by itself is reported with the end of its log; when the demonstration is killed, all die', async () => {
  const { child, said } = startDemo();
  await eventually('the swarm is up', async () => said().includes('The swarm is up'));
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
  first.kill('SIGTERM');
  expect((await once(first, 'exit'))[0]).toBe(0);
});
