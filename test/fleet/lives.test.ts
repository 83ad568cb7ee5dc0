/** Lives and deaths of real nodes: who notices, who comes back, and what is left behind: nothing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { DirectiveList } from '@skein/contracts';
import { localTiming } from '@skein/swarm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, Fleet, type FleetNode, joinTokenOf, nodesOf, online } from './fleet.ts';

const SLEEP = '/usr/bin/sleep';
const SERVER = fileURLToPath(new URL('../../apps/server/dist/main.js', import.meta.url));

const fleet = new Fleet();
let seed: FleetNode;
let member: FleetNode;
const startSeed = () => fleet.start({ name: 'seed', programs: [SLEEP] });
const startMember = (joinToken?: string) =>
  fleet.start({ name: 'member', seeds: [seed.address], programs: [SLEEP], ...(joinToken && { joinToken }) });

beforeAll(async () => {
  seed = await startSeed();
  member = await startMember(await joinTokenOf(seed));
  await online(seed, member);
  await online(member, seed);
});
afterAll(() => fleet[Symbol.asyncDispose]());

const viewOf = async (observer: FleetNode, id: string) => (await nodesOf(observer)).find((node) => node.id === id);

test.each(['member', 'seed'])(
  'a %s that is killed is offline at the other in time, and online again with a higher incarnation',
  async (who) => {
    const [victim, observer] = who === 'member' ? [member, seed] : [seed, member];
    const before = await viewOf(observer, victim.nodeId);
    await victim.kill();
    const after = await eventually(`${who} offline`, async () => {
      const view = await viewOf(observer, victim.nodeId);
      return view?.liveness === 'offline' && view;
    });
    // By the observer's own database: never earlier than the profile says. What it takes longer is the sweep and this loop.
    const silentMs = Date.now() - Date.parse(after.lastHeartbeatAt ?? '');
    expect(silentMs).toBeGreaterThanOrEqual(localTiming.offlineAfterMs);
    expect(silentMs).toBeLessThan(localTiming.offlineAfterMs + 10 * localTiming.sweepIntervalMs);
    if (who === 'member') member = await startMember();
    else seed = await startSeed();
    await online(seed, member);
    await online(member, seed);
    const again = await viewOf(observer, victim.nodeId);
    expect(again?.incarnation).toBeGreaterThan(before?.incarnation ?? Number.NaN);
  },
);

test('a second node on the same folder is refused by name, and the first lives on', async () => {
  const second = spawn(process.execPath, [SERVER, '--name', 'second', '--data-dir', member.dataDir, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  second.stderr.on('data', (chunk) => {
    said += String(chunk);
  });
  const [code] = await once(second, 'exit');
  expect(code).not.toBe(0);
  expect(said).toMatch(/in use/);
  expect(said).toContain('(folder_in_use)');
  expect(said).toContain('member');
  expect(said).not.toMatch(/^\s+at /m); // a line for people, no stack trace
  await online(seed, member);
});

/** Something of the node's own runs, and can be told from everything else on this machine. */
async function startLongProgram(node: FleetNode, target: FleetNode): Promise<string> {
  return startProgram(node, target, `${90_000 + Math.floor(Math.random() * 9_999)}`);
}

async function startProgram(node: FleetNode, target: FleetNode, seconds: string): Promise<string> {
  const body = { kind: 'execute_task', target: target.nodeId, payload: { command: [SLEEP, seconds] } };
  await node.post('/directives', body);
  const line = `${SLEEP} ${seconds}`;
  await eventually('the program runs', async () => fleet.processes(line).length > 0);
  return line;
}

test('SIGTERM lets what runs end, takes nothing new meanwhile, and the next life is not drained', async () => {
  await startProgram(seed, member, '3.14159');
  const ended = member.stop();
  await eventually('the seed knows', async () => (await viewOf(seed, member.nodeId))?.eligibility === 'draining');
  expect(await ended).toBe(0);
  const { directives } = await seed.get('/directives?limit=1', DirectiveList);
  expect(directives[0]).toMatchObject({ status: 'completed' });
  member = await startMember();
  await online(seed, member);
  expect((await viewOf(seed, member.nodeId))?.eligibility).toBe('eligible');
  const began = Date.now();
  expect(await member.stop()).toBe(0); // nothing runs: nothing is waited for
  expect(Date.now() - began).toBeLessThan(3_000);
  member = await startMember();
  await online(seed, member);
});

test('SIGINT ends a node, its database and what it runs within five seconds', async () => {
  const line = await startLongProgram(seed, member);
  const began = Date.now();
  expect(await member.interrupt()).toBe(0);
  expect(Date.now() - began).toBeLessThan(5_000);
  expect(fleet.processes(line)).toEqual([]);
  expect(fleet.processes(member.dataDir)).toEqual([]);
  member = await startMember();
  await online(seed, member);
});

test('SIGKILL of a node leaves nothing behind, and its next life nothing either', async () => {
  const line = await startLongProgram(seed, member);
  await member.kill();
  await eventually(
    'no process of the killed node',
    async () => fleet.processes(line).length === 0 && fleet.processes(member.dataDir).length === 0,
  );
  member = await startMember();
  await online(seed, member);
  const servers = fleet.processes(member.dataDir).filter((process) => /postgres -D/.test(process));
  expect(servers).toHaveLength(1);
});
