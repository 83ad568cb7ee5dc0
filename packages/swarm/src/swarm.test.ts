import { DirectiveId, type DirectiveUpdate, type DispatchInput, NodeId, type Priority } from '@skein/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DispatchResult } from './directives/dispatch-result.ts';
import { localTiming } from './membership/timing.ts';
import { createTestRunner, createTestSwarm, type TestMember, type TestSwarm } from './testing/index.ts';

const policy = { allowedPrograms: ['/bin/echo'] };
const echo = () =>
  createTestRunner(async (args, _signal, print) => {
    for (const arg of args) print(`${arg}\n`);
    return 0;
  });

/** A runner whose programs run until the test lets them go; `letGo` frees all, past and future. */
function heldRunner() {
  let letGo = () => {};
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const runner = createTestRunner(async (_args, signal) => {
    await Promise.race([gate, new Promise((_, reject) => signal.addEventListener('abort', reject, { once: true }))]);
    return 0;
  });
  return { runner, letGo: () => letGo() };
}

/** A seed and a member that has joined it, both started and online to each other. */
async function pair(swarm: TestSwarm, memberOptions = {}): Promise<{ seed: TestMember; member: TestMember }> {
  const seed = await swarm.add('seed', { runner: echo(), policy });
  await seed.node.start();
  const { token } = await seed.node.createJoinToken();
  const member = await swarm.add('member', {
    ...{ runner: echo(), policy, seeds: [seed.origin], joinToken: token },
    ...memberOptions,
  });
  await member.node.start();
  await online(swarm, seed, member);
  await online(swarm, member, seed);
  return { seed, member };
}

const statusOf = async (observer: TestMember, observed: TestMember) =>
  (await observer.node.getNode(observed.identity.nodeId))?.status;
const online = (swarm: TestSwarm, observer: TestMember, observed: TestMember) =>
  swarm.until(async () => (await statusOf(observer, observed)) === 'online');

/** Waits on the swarm's clock for a promise of one of its nodes. */
async function awaited<T>(swarm: TestSwarm, work: Promise<T>): Promise<T> {
  let over = false;
  const done = () => {
    over = true;
  };
  work.then(done, done);
  await swarm.until(() => over);
  return work;
}

const order = (target: TestMember, change: Partial<DispatchInput> = {}): DispatchInput =>
  ({
    kind: 'execute_task',
    target: target.identity.nodeId,
    payload: { command: ['echo', 'hello'] },
    ...change,
  }) as DispatchInput; // each test changes the fields of one kind only

const bothRows = async (sender: TestMember, receiver: TestMember, id: DirectiveId) => ({
  outbox: await sender.stores.outbox.find(sender.identity.nodeId, id),
  inbox: await receiver.stores.inbox.find({ sourceNodeId: sender.identity.nodeId, id }),
});

test('a member joins through a token, a directive goes to it, and its result comes back and is acknowledged', async () => {
  await using swarm = await createTestSwarm();
  const { seed, member } = await pair(swarm);
  const result = await awaited(swarm, seed.node.dispatch(order(member)));
  expect(result).toMatchObject({ status: 'completed', output: { exitCode: 0, stdout: 'hello\n' }, started: true });
  await swarm.until(async () => (await bothRows(seed, member, result.directiveId)).inbox?.acknowledged === true);
  const { outbox, inbox } = await bothRows(seed, member, result.directiveId);
  expect(outbox).toMatchObject({ state: 'completed', attempts: 1, acknowledged: true });
  expect(inbox).toMatchObject({ state: 'completed', starts: 1 });
  expect(outbox?.result).toEqual(inbox?.result);
});

test('it works the other way round, and to the node itself', async () => {
  await using swarm = await createTestSwarm();
  const { seed, member } = await pair(swarm);
  expect(await awaited(swarm, member.node.dispatch(order(seed)))).toMatchObject({ status: 'completed' });
  expect(await awaited(swarm, seed.node.dispatch(order(seed)))).toMatchObject({ status: 'completed' });
});

test('output arrives as it comes, and the result last', async () => {
  await using swarm = await createTestSwarm();
  const { seed, member } = await pair(swarm);
  const updates: DirectiveUpdate[] = [];
  const streaming = (async () => {
    const stream = seed.node.dispatchStream(order(member, { payload: { command: ['echo', 'one', 'two'] } }));
    for await (const update of stream) updates.push(update);
  })();
  await awaited(swarm, streaming);
  expect(updates.filter((update) => update.type === 'output').map(({ text }) => text)).toEqual(['one\n', 'two\n']);
  expect(updates.filter((update) => update.type === 'status').map(({ status }) => status)).toEqual([
    ...['pending', 'dispatched', 'running'],
  ]);
  expect(updates.at(-1)).toMatchObject({ type: 'result', result: { status: 'completed' } });
});

test('two members that share a seed know and reach each other', async () => {
  await using swarm = await createTestSwarm();
  const { seed, member } = await pair(swarm);
  const { token } = await seed.node.createJoinToken();
  const third = await swarm.add('third', { seeds: [seed.origin], joinToken: token, runner: echo(), policy });
  await third.node.start();
  await online(swarm, third, member);
  expect(await awaited(swarm, third.node.dispatch(order(member)))).toMatchObject({ status: 'completed' });
  await online(swarm, member, third);
});

test('query_resources answers with the live metrics', async () => {
  await using swarm = await createTestSwarm();
  const { seed, member } = await pair(swarm);
  const query = { kind: 'query_resources', target: member.identity.nodeId, payload: {} } as const;
  const result = await awaited(swarm, seed.node.dispatch(query));
  expect(result.output).toMatchObject({
    nodeId: member.identity.nodeId,
    metrics: { memoryTotalBytes: 2_000, runningDirectives: 1 },
    processes: [],
  });
});

test('a node that dies is suspect, then offline in the time of its profile, and online again with a higher incarnation', async () => {
  await using swarm = await createTestSwarm();
  const { seed, member } = await pair(swarm);
  await swarm.pass(180_000); // a seed that has just started judges nobody yet
  const before = await seed.node.getNode(member.identity.nodeId);
  const silentSince = Date.parse(before?.lastHeartbeatAt ?? '');
  member.kill();
  await swarm.until(async () => (await statusOf(seed, member)) === 'suspect');
  expect(swarm.clock.now() - silentSince).toBeGreaterThanOrEqual(45_000);
  await swarm.until(async () => (await statusOf(seed, member)) === 'offline');
  expect(swarm.clock.now() - silentSince).toBeGreaterThanOrEqual(120_000);
  expect(swarm.clock.now() - silentSince).toBeLessThanOrEqual(125_100);
  await member.restart().then((node) => node.start());
  await online(swarm, seed, member);
  const after = await seed.node.getNode(member.identity.nodeId);
  expect(after?.incarnation).toBeGreaterThan(before?.incarnation ?? Number.NaN);
});

test('two idle nodes stay online to each other for two hours: no suspicion on either side', async () => {
  await using swarm = await createTestSwarm();
  const { seed, member } = await pair(swarm);
  const changes: unknown[] = [];
  for (const { node } of [seed, member]) node.events.on('node.liveness_changed', (event) => changes.push(event));
  await swarm.pass(2 * 3_600_000);
  expect(changes).toEqual([]);
});

test('a seed that does not answer is retried with growing patience and reported, and joined when it comes', async () => {
  await using swarm = await createTestSwarm();
  const seed = await swarm.add('seed');
  const { token } = await seed.node.createJoinToken();
  seed.kill();
  const member = await swarm.add('member', { seeds: [seed.origin], joinToken: token });
  const failures: number[] = [];
  const reasons = new Set<string>();
  member.node.events.on('seed.failed', ({ attempt, reason }) => {
    failures.push(attempt);
    reasons.add(reason);
  });
  await member.node.start();
  await swarm.until(() => failures.length >= 4);
  expect(failures.slice(0, 4)).toEqual([1, 2, 3, 4]);
  expect([...reasons]).toEqual(['unreachable']); // a word for machines
  await (await seed.restart()).start();
  await online(swarm, member, seed);
  await online(swarm, seed, member);
});

const tokens: {
  what: string;
  reason: string;
  token: (seed: TestMember, swarm: TestSwarm) => Promise<string | undefined>;
}[] = [
  { what: 'no token', reason: 'token_required', token: async () => undefined },
  {
    what: 'an expired token',
    reason: 'token_expired',
    token: async (seed, swarm) => {
      const { token } = await seed.node.createJoinToken({ ttlMs: 1_000 });
      await swarm.clock.advance(1_001);
      return token;
    },
  },
  {
    what: 'a token that another node has used',
    reason: 'token_used',
    token: async (seed, swarm) => {
      const { token } = await seed.node.createJoinToken();
      const first = await swarm.add('first', { timing: localTiming });
      await first.node.start();
      await awaited(swarm, first.node.join(seed.origin, { token }));
      return token;
    },
  },
  {
    what: 'a token that the seed never made',
    reason: 'token_unknown',
    token: async (seed) => {
      const { token } = await seed.node.createJoinToken();
      const { JOIN_TOKEN_PREFIX } = await import('@skein/contracts');
      const held = JSON.parse(Buffer.from(token.slice(JOIN_TOKEN_PREFIX.length), 'base64url').toString());
      return JOIN_TOKEN_PREFIX + Buffer.from(JSON.stringify({ ...held, secret: 'A'.repeat(22) })).toString('base64url');
    },
  },
];

test.each(tokens)('$what does not let a node in: $reason', async ({ reason, token }) => {
  await using swarm = await createTestSwarm();
  const seed = await swarm.add('seed');
  await seed.node.start();
  const text = await token(seed, swarm);
  const joiner = await swarm.add('joiner');
  await joiner.node.start();
  const attempt = joiner.node.join(seed.origin, text === undefined ? {} : { token: text });
  await expect(awaited(swarm, attempt)).rejects.toMatchObject({ code: 'JOIN_REFUSED', metadata: { reason } });
  expect(await seed.node.getNode(joiner.identity.nodeId)).toBeUndefined();
});

test('joining a seed that is not there says so', async () => {
  await using swarm = await createTestSwarm();
  const joiner = await swarm.add('joiner');
  await joiner.node.start();
  const token = (await joiner.node.createJoinToken()).token;
  for (const [seed, code] of [
    ['http://127.0.0.1:9', 'PEER_UNREACHABLE'],
    ['not an address', 'INVALID_ARGUMENT'],
    ['ftp://127.0.0.1', 'INVALID_ARGUMENT'],
    [joiner.origin, 'INVALID_ARGUMENT'],
  ] as const)
    await expect(awaited(swarm, joiner.node.join(seed, { token }))).rejects.toMatchObject({ code });
});

test('a token for one seed is never shown to another', async () => {
  await using swarm = await createTestSwarm();
  const [seed, impostor] = [await swarm.add('seed'), await swarm.add('impostor')];
  await Promise.all([seed.node.start(), impostor.node.start()]);
  const { token } = await seed.node.createJoinToken();
  const joiner = await swarm.add('joiner');
  await joiner.node.start();
  await expect(awaited(swarm, joiner.node.join(impostor.origin, { token }))).rejects.toMatchObject({
    code: 'PEER_NOT_TRUSTED',
    metadata: { reason: 'seed_mismatch' },
  });
  // The token is still good where it belongs: nobody has used it.
  await awaited(swarm, joiner.node.join(seed.origin, { token }));
  await online(swarm, seed, joiner);
});

test('a directive with a time to live of 1 ms never starts and ends timed_out in both books', async () => {
  await using swarm = await createTestSwarm();
  const runner = echo();
  const { seed, member } = await pair(swarm, { runner });
  swarm.http.cut(member.origin); // long enough for the millisecond to pass
  const sent = seed.node.dispatch(order(member, { ttlMs: 1 }));
  await swarm.clock.advance(1);
  swarm.http.heal(member.origin);
  const result = await awaited(swarm, sent);
  expect(result).toMatchObject({ status: 'timed_out', started: false, error: { reason: 'ttl_expired' } });
  await swarm.until(async () => (await bothRows(seed, member, result.directiveId)).inbox?.state === 'timed_out');
  expect(runner.started).toEqual([]);
});

test('a time to live that ends in the receiver’s queue ends timed_out in both rows and never starts', async () => {
  await using swarm = await createTestSwarm();
  const { runner, letGo } = heldRunner();
  const { seed, member } = await pair(swarm, { runner, capacity: 1 });
  const first = seed.node.dispatch(order(member, { payload: { command: ['echo', 'first'] } }));
  await swarm.until(() => runner.started.length === 1);
  const second = await awaited(swarm, seed.node.dispatch(order(member, { ttlMs: 2_000 })));
  expect(second).toMatchObject({ status: 'timed_out', started: false });
  const { outbox, inbox } = await bothRows(seed, member, second.directiveId);
  expect([outbox?.state, inbox?.state, inbox?.starts]).toEqual(['timed_out', 'timed_out', 0]);
  letGo();
  await awaited(swarm, first);
  expect(runner.started).toEqual([['first']]);
});

test('a time to live that ends while it runs kills it, and both rows say that it had started', async () => {
  await using swarm = await createTestSwarm();
  const { runner } = heldRunner();
  const { seed, member } = await pair(swarm, { runner });
  const result = await awaited(swarm, seed.node.dispatch(order(member, { ttlMs: 3_000 })));
  expect(result).toMatchObject({ status: 'timed_out', started: true, error: { reason: 'ttl_expired' } });
  expect((await bothRows(seed, member, result.directiveId)).inbox).toMatchObject({ state: 'timed_out', starts: 1 });
});

test('with capacity 1 and the queue held, any permutation of priorities starts in order', async () => {
  const ranks: readonly Priority[] = ['critical', 'high', 'normal', 'low'];
  const permutations = fc.shuffledSubarray([...ranks, ...ranks], { minLength: 8, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(permutations, fc.integer(), async (priorities, seedNumber) => {
      await using swarm = await createTestSwarm(seedNumber);
      const { runner, letGo } = heldRunner();
      const { seed, member } = await pair(swarm, { runner, capacity: 1 });
      void seed.node.dispatch(order(member, { payload: { command: ['echo', 'holder'] } }));
      await swarm.until(() => runner.started.length === 1);
      for (const [index, priority] of priorities.entries()) {
        await seed.node.submit(order(member, { priority, payload: { command: ['echo', priority, String(index)] } }));
        await swarm.until(async () => (await member.stores.inbox.counts(member.identity.nodeId)).queued === index + 1);
      }
      letGo();
      await swarm.until(() => runner.started.length === 9);
      const started = runner.started.slice(1).map(([priority, index]) => ({ priority, index: Number(index) }));
      const expected = priorities
        .map((priority, index) => ({ priority, index }))
        .sort((a, b) => ranks.indexOf(a.priority) - ranks.indexOf(b.priority) || a.index - b.index);
      expect(started).toEqual(expected);
    }),
    { numRuns: 8 },
  );
});

test('a cancelled directive is killed while it runs, and never starts while it waits', async () => {
  await using swarm = await createTestSwarm();
  const { runner } = heldRunner();
  const { seed, member } = await pair(swarm, { runner, capacity: 1 });
  const running = await seed.node.submit(order(member));
  await swarm.until(() => runner.started.length === 1);
  const waiting = await seed.node.submit(order(member));
  await swarm.until(async () => (await bothRows(seed, member, waiting.id)).inbox?.state === 'received');
  for (const { id } of [waiting, running]) {
    await seed.node.cancelDirective(id);
    await swarm.until(async () => (await bothRows(seed, member, id)).outbox?.state === 'cancelled');
    expect((await bothRows(seed, member, id)).inbox?.state).toBe('cancelled');
  }
  expect((await bothRows(seed, member, running.id)).inbox?.result).toMatchObject({ started: true });
  expect((await bothRows(seed, member, waiting.id)).inbox?.result).toMatchObject({ started: false });
  expect(runner.started).toHaveLength(1);
});

test('an aborted dispatch rejects with the caller’s reason, and its directive is cancelled', async () => {
  await using swarm = await createTestSwarm();
  const { runner } = heldRunner();
  const { seed, member } = await pair(swarm, { runner });
  const abort = new AbortController();
  const dispatched = seed.node.dispatch(order(member), { signal: abort.signal });
  await swarm.until(() => runner.started.length === 1);
  const reason = new Error('no longer wanted');
  abort.abort(reason);
  await expect(awaited(swarm, dispatched)).rejects.toBe(reason);
  await swarm.until(async () => (await seed.node.listDirectives({ status: 'cancelled' })).length === 1);
});

const refusedOrders: { what: string; change: Partial<DispatchInput>; status: string; reason: string }[] = [
  {
    what: 'a program that is not allowed',
    change: { payload: { command: ['rm', '-rf'] } },
    status: 'rejected',
    reason: 'program_not_allowed',
  },
  {
    what: 'a tool that is not there',
    change: { payload: { tool: 'x' } },
    status: 'rejected',
    reason: 'tool_not_registered',
  },
  {
    what: 'a kind that the node does not carry out',
    change: { kind: 'spawn_agent', payload: { agentType: 'a', instruction: 'i', mode: 'wait' } },
    status: 'rejected',
    reason: 'kind_not_supported',
  },
  {
    what: 'a folder outside of the work folder',
    change: { payload: { command: ['echo'], cwd: '../..' } },
    status: 'failed',
    reason: 'folder_not_found',
  },
];

test.each(refusedOrders)('$what ends $status with $reason, in both rows', async ({ change, status, reason }) => {
  await using swarm = await createTestSwarm();
  const { seed, member } = await pair(swarm);
  const result = await awaited(swarm, seed.node.dispatch(order(member, change)));
  expect(result).toMatchObject({ status, error: { reason } });
  const { outbox, inbox } = await bothRows(seed, member, result.directiveId);
  expect([outbox?.state, inbox?.state]).toEqual([status, status]);
});

test('an unknown node and a wrong payload are refused before anything is stored', async () => {
  await using swarm = await createTestSwarm();
  const seed = await swarm.add('seed');
  await seed.node.start();
  const nobody = NodeId.parse('a'.repeat(26));
  await expect(seed.node.dispatch({ ...order(seed), target: nobody })).rejects.toMatchObject({ code: 'UNKNOWN_NODE' });
  for (const change of [{ payload: { command: [] } }, { ttlMs: 0 }, { priority: 'urgent' }, { kind: 'dance' }])
    await expect(seed.node.dispatch(order(seed, change as Partial<DispatchInput>))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  expect(await seed.node.listDirectives()).toEqual([]);
  await expect(seed.node.cancelDirective(DirectiveId.parse(crypto.randomUUID()))).rejects.toMatchObject({
    code: 'DIRECTIVE_NOT_FOUND',
  });
});

test('a directive to a node that is away waits, and runs once when it is back', async () => {
  await using swarm = await createTestSwarm();
  const { seed, member } = await pair(swarm);
  member.kill();
  const runner = echo();
  const dispatched = seed.node.dispatch(order(member, { ttlMs: 600_000 }));
  await swarm.clock.advance(20_000);
  await (await member.restart({ runner })).start();
  expect(await awaited(swarm, dispatched)).toMatchObject({ status: 'completed' });
  expect(runner.started).toHaveLength(1);
});

test('what nobody can be asked about is unknown a minute after its deadline, and later evidence replaces it', async () => {
  await using swarm = await createTestSwarm();
  const { runner, letGo } = heldRunner();
  const { seed, member } = await pair(swarm, { runner });
  const dispatched = seed.node.dispatch(order(member, { ttlMs: 10_000 }));
  await swarm.until(() => runner.started.length === 1);
  swarm.http.cut(member.origin);
  letGo();
  const result: DispatchResult = await awaited(swarm, dispatched);
  expect(result).toMatchObject({ status: 'unknown', error: { reason: 'no_contact' } });
});
