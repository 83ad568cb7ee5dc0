/** A node and an instance of CortexPrism over real HTTP, both ways. The instance is written from what is known of one. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveApp } from '@skein/a2a-transport/testing';
import type { Message } from '@skein/contracts/a2a';
import { systemClock, systemRandom } from '@skein/contracts/runtime';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSwarmNode } from '../create-swarm-node.ts';
import { newDirective } from '../directives/order-intake.ts';
import { createInMemoryStores } from '../in-memory-stores.ts';
import { createNodeIdentity } from '../security/node-identity.ts';
import type { SwarmStores } from '../stores.ts';
import type { SwarmNode } from '../swarm-node.ts';
import type { SwarmNodeOptions } from '../swarm-node-options.ts';
import { createTestRuntime } from '../testing/test-runtime.ts';
import { createTestRunner } from '../testing/test-swarm.ts';
import { type CortexPeerOptions, createCortexPeers } from './cortex-peers.ts';
import { type FakeCortex, fakeCortex } from './testing/fake-cortex.ts';

const key = 'q3Jr0mZk9_f2Xw-LbN7tYc';
const peerOf = (more: Partial<CortexPeerOptions> = {}): CortexPeerOptions => ({ name: 'prism', key, ...more });

let opened: AsyncDisposable[];
let folder: string;
beforeEach(async () => {
  opened = [];
  folder = await mkdtemp(join(tmpdir(), 'skein-cortex-'));
});
afterEach(async () => {
  for (const one of opened.reverse()) await one[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function use<T extends AsyncDisposable>(one: T): T {
  opened.push(one);
  return one;
}

/** A node on a free port of loopback. */
async function startNode(
  peer: CortexPeerOptions,
  options: Partial<SwarmNodeOptions> = {},
): Promise<{ node: SwarmNode; origin: string; stores: SwarmStores }> {
  let node: SwarmNode | undefined;
  const served = use(await serveApp((request, env) => node?.app.fetch(request, env) ?? new Response(null)));
  const stores = options.stores ?? createInMemoryStores({ clock: systemClock, random: systemRandom });
  node = await createSwarmNode({
    ...{ name: 'alpha', addresses: [served.origin], identity: createNodeIdentity(), workFolder: folder },
    ...{ stores, cortex: { peers: [peer] } },
    ...options,
  });
  use(node);
  await node.start();
  return { node, origin: served.origin, stores };
}

const startCortex = async (
  options: Parameters<typeof fakeCortex>[0] = {},
): Promise<FakeCortex & { origin: string }> => {
  const cortex = fakeCortex(options);
  const { origin } = use(await serveApp(cortex.app.fetch));
  return { ...cortex, origin };
};

describe('what an instance sends', () => {
  test('a directive is a row of the inbox, and its answer is read as completed', async () => {
    const { node, origin } = await startNode(peerOf());
    const { dispatch } = fakeCortex();
    const result = await dispatch(`${origin}/cortex/${key}`, 'query_resources', {});
    expect(result.status).toBe('completed');
    expect(JSON.parse(result.output ?? '')).toMatchObject({ nodeId: node.id, agentCount: 0, tokens: { in: 0 } });
    const [directive] = await node.listDirectives();
    expect(directive).toMatchObject({
      side: 'inbox',
      kind: 'query_resources',
      status: 'completed',
      targetNodeId: node.id,
    });
  });

  test('the same messageId again is the same directive, and is answered with the same task', async () => {
    const { node, origin } = await startNode(peerOf());
    const { dispatch } = fakeCortex();
    const first = await dispatch(`${origin}/cortex/${key}`, 'query_resources', {}, 'dir_once');
    const again = await dispatch(`${origin}/cortex/${key}`, 'query_resources', {}, 'dir_once');
    expect(again).toEqual(first);
    expect(await node.listDirectives()).toHaveLength(1);
  });

  test('without configuration there is no such path', async () => {
    const { origin } = await startNode(peerOf(), { cortex: { peers: [] } });
    const { dispatch } = fakeCortex();
    await expect(dispatch(`${origin}/cortex/${key}`, 'query_resources', {})).rejects.toThrow('404');
  });

  test('an address that is not on the list finds nothing', async () => {
    const { dispatch } = fakeCortex();
    const closed = await startNode(peerOf({ addresses: ['10.0.0.0/8'] }));
    await expect(dispatch(`${closed.origin}/cortex/${key}`, 'query_resources', {})).rejects.toThrow('404');
    const known = await startNode(peerOf({ addresses: ['127.0.0.0/8', '::1'] }));
    expect((await dispatch(`${known.origin}/cortex/${key}`, 'query_resources', {})).status).toBe('completed');
  });

  test('a kind that is not allowed is denied, and no row is written', async () => {
    const { node, origin } = await startNode(peerOf());
    const { dispatch } = fakeCortex();
    const result = await dispatch(`${origin}/cortex/${key}`, 'execute_task', { command: 'console.log(1)' });
    expect(result).toMatchObject({ status: 'failed', error: expect.stringMatching(/^denied/) });
    expect(await node.listDirectives()).toEqual([]);
  });

  test('JavaScript runs where a program is named and allowed for it, and nowhere else', async () => {
    const runner = createTestRunner(async ([, code], _signal, output) => {
      output(`ran ${code}`);
      return code === 'bad' ? 3 : 0;
    });
    const kinds = ['execute_task'] as const;
    const { dispatch } = fakeCortex();
    const without = await startNode(peerOf({ kinds }), { runner });
    const refused = await dispatch(`${without.origin}/cortex/${key}`, 'execute_task', { command: '1' });
    expect(refused).toMatchObject({ status: 'failed', error: expect.stringMatching(/JavaScript/) });

    const peer = peerOf({ kinds, evaluator: ['/usr/bin/deno', 'eval'] });
    const named = await startNode(peer, { runner });
    const denied = await dispatch(`${named.origin}/cortex/${key}`, 'execute_task', { command: '1' });
    expect(denied).toMatchObject({ status: 'failed', error: expect.stringMatching(/^denied: .*allow-list/) });
    expect(runner.started).toEqual([]);

    const { origin } = await startNode(peer, { runner, policy: { allowedPrograms: ['/usr/bin/deno'] } });
    const ran = await dispatch(`${origin}/cortex/${key}`, 'execute_task', { command: 'console.log(1)' });
    expect(ran).toMatchObject({ status: 'completed', output: 'ran console.log(1)' });
    const failed = await dispatch(`${origin}/cortex/${key}`, 'execute_task', { command: 'bad' });
    expect(failed).toMatchObject({ status: 'failed', error: 'Exit code 3' });
    expect(runner.started).toEqual([
      ['eval', 'console.log(1)'],
      ['eval', 'bad'],
    ]);
  });

  test('an agent answers under `response`, with what it used', async () => {
    const runtime = createTestRuntime();
    const { origin } = await startNode(peerOf({ kinds: ['spawn_agent'] }), { agentRuntimes: { writer: runtime } });
    const { dispatch } = fakeCortex();
    const result = dispatch(`${origin}/cortex/${key}`, 'spawn_agent', { instruction: 'sum it up' });
    await expect.poll(() => runtime.runs.length).toBe(1);
    expect(runtime.runs[0]?.request.instruction).toBe('sum it up');
    runtime.runs[0]?.complete('it is done', { tokensIn: 7, costMicroUsd: 500_000 });
    expect(await result).toMatchObject({
      ...{ status: 'completed', output: '{"response":"it is done"}' },
      metrics: { tokensIn: 7, costUsd: 0.5 },
    });
  });

  test('a message is mail of the session, with its origin on it', async () => {
    const { node, origin } = await startNode(peerOf({ kinds: ['forward_message'] }));
    const { dispatch } = fakeCortex();
    const payload = { message: 'hello', targetSessionId: 'desk' };
    const result = await dispatch(`${origin}/cortex/${key}`, 'forward_message', payload);
    expect(JSON.parse(result.output ?? '')).toEqual({ forwarded: true, targetSessionId: 'desk', length: 5 });
    const [mail] = await node.listMail({ session: 'desk' });
    expect(mail).toMatchObject({ message: { parts: [{ text: 'hello' }] }, provenance: { origin: 'forwarded' } });
    expect(mail?.provenance.sourceNodeId).not.toBe(node.id);
  });

  test('figures that come twice count once, and later ones take their place', async () => {
    const { node, origin } = await startNode(peerOf({ kinds: ['sync_state'] }));
    const { dispatch } = fakeCortex();
    const tell = (tokensIn: number) =>
      dispatch(`${origin}/cortex/${key}`, 'sync_state', { state: { resources: [{ agentId: 'a1', tokensIn }] } });
    expect(JSON.parse((await tell(90)).output ?? '')).toMatchObject({ synced: true, merged: 1 });
    expect(JSON.parse((await tell(90)).output ?? '')).toMatchObject({ synced: true, merged: 0 });
    await tell(100);
    await tell(90); // late, and older
    const entry = await node.getState('memory', 'cortex/prism/resources/a1');
    expect(entry?.value).toMatchObject({ tokensIn: 100 });
  });

  test('a node that is drained says so as a failure', async () => {
    const { node, origin } = await startNode(peerOf());
    await node.drain();
    const { dispatch } = fakeCortex();
    const result = await dispatch(`${origin}/cortex/${key}`, 'query_resources', {});
    expect(result).toMatchObject({ status: 'failed', error: expect.stringMatching(/drained/) });
  });

  test('what it asks about afterwards is its own alone', async () => {
    const { node, origin, stores } = await startNode(peerOf());
    const { dispatch, call } = fakeCortex();
    const base = `${origin}/cortex/${key}`;
    await dispatch(base, 'query_resources', {});
    await node.dispatch({ target: node.id, kind: 'query_resources', payload: {} });
    const listed = (await call(base, 'ListTasks', {})) as { tasks: { id: string }[] };
    expect(listed.tasks).toHaveLength(1);
    const rows = await stores.inbox.list(node.id, { limit: 10 });
    const own = rows.find(({ sourceNodeId }) => sourceNodeId === node.id);
    expect(await call(base, 'GetTask', { id: own?.rowId })).toBeNull();
    expect(await call(base, 'CancelTask', { id: own?.rowId })).toBeNull();
    const id = listed.tasks[0]?.id;
    expect(await call(base, 'GetTask', { id })).toMatchObject({ id, status: { state: 'TASK_STATE_COMPLETED' } });
    expect(await call(base, 'CancelTask', { id })).toMatchObject({ id, status: { state: 'TASK_STATE_COMPLETED' } });
  });
});

describe('what goes to an instance', () => {
  test.each<[fixed: boolean]>([[true], [false]])(
    'all kinds are understood by a build that unwraps: %s',
    async (unwraps) => {
      const cortex = await startCortex({ unwraps });
      const { node } = await startNode(peerOf({ endpoint: `${cortex.origin}/api/a2a` }));
      const target = 'cortex:prism';
      const query = await node.dispatch({ target, kind: 'query_resources', payload: {} });
      expect(query).toMatchObject({
        status: 'completed',
        output: { agentCount: 2 },
        metrics: { costMicroUsd: 250_000 },
      });
      const command: [string, ...string[]] = ['deno', 'eval', 'console.log(1)'];
      const program = await node.dispatch({ target, kind: 'execute_task', payload: { command } });
      expect(program.output).toMatchObject({ exitCode: 0, stdout: 'ran console.log(1)', stderr: 'a warning' });
      const agent = { agentType: 'writer', instruction: 'sum it up', mode: 'wait' } as const;
      const spawned = await node.dispatch({ target, kind: 'spawn_agent', payload: agent });
      expect(spawned).toMatchObject({ status: 'completed', output: { response: 'did: sum it up' } });
      const message: Message = { messageId: 'm1', role: 'ROLE_USER', parts: [{ text: 'hello' }] };
      const payload = { to: { session: 's1' }, message };
      const forwarded = await node.dispatch({ target, kind: 'forward_message', payload });
      expect(forwarded.output).toMatchObject({ forwarded: true, targetSessionId: 's1' });
      expect(cortex.taken.map(({ kind }) => kind)).toEqual([
        ...['query_resources', 'execute_task', 'spawn_agent', 'forward_message'],
      ]);
    },
  );

  test('a failed program is one of ours, and a failure without a code has its text', async () => {
    const cortex = await startCortex();
    const { node } = await startNode(peerOf({ endpoint: `${cortex.origin}/api/a2a` }));
    const command: [string, ...string[]] = ['deno', 'eval', 'Deno.exit(2)'];
    const failed = await node.dispatch({ target: 'cortex:prism', kind: 'execute_task', payload: { command } });
    expect(failed).toMatchObject({ status: 'failed', error: { reason: 'program_failed' }, output: { exitCode: 2 } });
  });

  test('what it cannot do is rejected before anything is sent', async () => {
    const cortex = await startCortex();
    const { node } = await startNode(peerOf({ endpoint: `${cortex.origin}/api/a2a` }));
    const target = 'cortex:prism';
    const shell = await node.dispatch({ target, kind: 'execute_task', payload: { command: ['ls', '-l'] } });
    expect(shell).toMatchObject({ status: 'rejected', error: { reason: 'cortex_unsupported' } });
    const agent = { agentType: 'writer', instruction: 'x', mode: 'detach' } as const;
    const detached = await node.dispatch({ target, kind: 'spawn_agent', payload: agent });
    expect(detached.status).toBe('rejected');
    expect(cortex.taken).toEqual([]);
  });

  test('a stock build’s user interface is named, with what to try', async () => {
    const cortex = await startCortex();
    const { node } = await startNode(peerOf({ endpoint: `${cortex.origin}/a2a` }));
    const result = await node.dispatch({ target: 'cortex:prism', kind: 'query_resources', payload: {} });
    expect(result).toMatchObject({
      status: 'rejected',
      error: { reason: 'cortex_ui_found', message: 'found the UI, not A2A; try /api/a2a' },
    });
  });

  test('an error that it answers with is its word', async () => {
    const cortex = await startCortex({ fails: true });
    const { node } = await startNode(peerOf({ endpoint: `${cortex.origin}/api/a2a` }));
    const result = await node.dispatch({ target: 'cortex:prism', kind: 'query_resources', payload: {} });
    expect(result).toMatchObject({ status: 'failed', error: { reason: 'cortex_error', message: 'Agent turn failed' } });
  });

  test.each<[effect: 'amo' | 'alo', ends: string, sends: number]>([
    ['amo', 'unknown', 1],
    ['alo', 'completed', 2],
  ])('after a connection that broke %s ends %s, sent %i times', async (effect, ends, sends) => {
    const cortex = await startCortex({ breaks: 1 });
    const { node } = await startNode(peerOf({ endpoint: `${cortex.origin}/api/a2a` }));
    const result = await node.dispatch({ target: 'cortex:prism', kind: 'query_resources', payload: {}, effect });
    expect(result.status).toBe(ends);
    if (ends === 'unknown') expect(result.error?.message).toMatch(/connection broke/);
    expect(cortex.taken).toHaveLength(sends);
  });

  test('one that was on its way when the process died is not sent again', async () => {
    const cortex = await startCortex();
    const peer = peerOf({ endpoint: `${cortex.origin}/api/a2a` });
    const stores = createInMemoryStores({ clock: systemClock, random: systemRandom });
    const identity = createNodeIdentity();
    const [entry] = createCortexPeers({ peers: [peer] }).all;
    if (!entry) throw new Error('the peer is configured');
    const directive = newDirective(
      { self: identity.nodeId, random: systemRandom },
      { kind: 'query_resources', payload: {}, priority: 'normal', ttlMs: 60_000, effect: 'amo' },
      { targetNodeId: entry.nodeId },
    );
    await stores.outbox.insert(directive);
    await stores.outbox.claimForSending(identity.nodeId, { limit: 1, exceptTargets: [] });
    const { node: reborn } = await startNode(peer, { stores, identity });
    await expect.poll(async () => (await reborn.getDirective(directive.id))?.directive.status).toBe('unknown');
    expect(cortex.taken).toEqual([]);
  });

  test('what was never answered within its time is unknown as soon as that is over', async () => {
    const cortex = await startCortex({ breaks: 1_000 });
    const { node } = await startNode(peerOf({ endpoint: `${cortex.origin}/api/a2a` }));
    const order = { target: 'cortex:prism', kind: 'query_resources', payload: {}, ttlMs: 1_000 } as const;
    const result = await node.dispatch(order, { signal: AbortSignal.timeout(15_000) });
    expect(result).toMatchObject({ status: 'unknown', error: { reason: 'cortex_unanswered' } });
  });

  test('whoever knows no such method has taken nothing', async () => {
    const cortex = await startCortex({ refuses: true });
    const { node } = await startNode(peerOf({ endpoint: `${cortex.origin}/api/a2a` }));
    const result = await node.dispatch({ target: 'cortex:prism', kind: 'query_resources', payload: {} });
    expect(result).toMatchObject({ status: 'rejected', error: { reason: 'cortex_refused' } });
  });

  test('one that is given up on is unknown, not cancelled', async () => {
    const cortex = await startCortex({ hangs: true });
    const { node } = await startNode(peerOf({ endpoint: `${cortex.origin}/api/a2a` }));
    const { id } = await node.submit({ target: 'cortex:prism', kind: 'query_resources', payload: {} });
    await expect.poll(() => cortex.taken.length).toBe(1);
    await node.cancelDirective(id);
    await expect.poll(async () => (await node.getDirective(id))?.directive.status).toBe('unknown');
    expect((await node.getDirective(id))?.directive.result?.error?.reason).toBe('cortex_unanswered');
    await expect.poll(() => cortex.left()).toBe(1);
  });

  test('an instance that is away is waited for', async () => {
    const { node } = await startNode(peerOf({ endpoint: 'http://127.0.0.1:9/api/a2a' }));
    const order = { target: 'cortex:prism', kind: 'query_resources', payload: {}, ttlMs: 300 } as const;
    const result = await node.dispatch(order);
    expect(result).toMatchObject({ status: 'timed_out', started: false });
    expect(result.error?.metadata?.lastReason).toBe('peer_unreachable');
  });

  test('who is not configured, or takes nothing, is told when it is asked for', async () => {
    const { node } = await startNode(peerOf());
    const to = (target: string) => node.dispatch({ target, kind: 'query_resources', payload: {} });
    await expect(to('cortex:other')).rejects.toThrow('not configured');
    await expect(to('cortex:prism')).rejects.toThrow('no endpoint');
  });

  test('two nodes speak it with each other, as two instances would', async () => {
    const receiver = await startNode(peerOf());
    const endpoint = `${receiver.origin}/cortex/${key}/a2a/`;
    const sender = await startNode(peerOf({ endpoint }));
    const result = await sender.node.dispatch({ target: 'cortex:prism', kind: 'query_resources', payload: {} });
    expect(result).toMatchObject({ status: 'completed', output: { nodeId: receiver.node.id } });
  });
});
