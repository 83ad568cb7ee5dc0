/** What becomes of a CortexPrism instance's directive beyond the call that brought it, on a clock that the tests move. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestRunner, createTestSwarm, type TestMember, type TestSwarm } from '../testing/test-swarm.ts';

const key = 'q3Jr0mZk9_f2Xw-LbN7tYc';
const cortex = {
  peers: [{ name: 'prism', key, kinds: ['execute_task'] as const, evaluator: ['/usr/bin/deno', 'eval'] as const }],
};
const policy = { allowedPrograms: ['/usr/bin/deno'] };

let swarm: TestSwarm;
beforeEach(async () => {
  swarm = await createTestSwarm();
});
afterEach(() => swarm[Symbol.asyncDispose]());

interface Task {
  id: string;
  status: { state: string; message?: { parts: { text: string }[] } };
  artifacts: { parts: { text: string }[] }[];
}

async function call(member: TestMember, method: string, params: object): Promise<Task> {
  const reply = await member.node.app.request(`/cortex/${key}/a2a`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  return ((await reply.json()) as { result: Task }).result; // the tests say what it is
}

const send = (member: TestMember, messageId: string, command = 'x') =>
  call(member, 'SendMessage', {
    message: {
      ...{ messageId, role: 'user', parts: [{ text: JSON.stringify({ payload: { command } }) }] },
      metadata: { swarmKind: 'execute_task' },
    },
  });

/** What a call comes to, while the clock goes on. */
async function soon<T>(work: Promise<T>): Promise<T> {
  let over = false;
  const done = () => {
    over = true;
  };
  work.then(done, done);
  await swarm.until(() => over);
  return work;
}

test('work that takes longer than an instance waits goes on, and its task tells of the end', async () => {
  let finish = () => {};
  const held = new Promise<number>((resolve) => {
    finish = () => resolve(0);
  });
  const runner = createTestRunner(async (_args, _signal, output) => {
    const exitCode = await held;
    output('done at last');
    return exitCode;
  });
  const member = await swarm.add('a', { cortex, policy, runner });
  await soon(member.node.start());
  const askedAt = swarm.clock.now();
  const task = await soon(send(member, 'dir_long'));
  expect(swarm.clock.now() - askedAt).toBeLessThan(120_000);
  expect(task.status).toMatchObject({
    state: 'TASK_STATE_FAILED',
    message: { parts: [{ text: expect.stringMatching(/^deadline/) }] },
  });
  expect((await soon(call(member, 'GetTask', { id: task.id }))).status.state).toBe('TASK_STATE_WORKING');
  finish();
  await swarm.until(async () => (await member.node.listDirectives())[0]?.status === 'completed');
  const ended = await soon(call(member, 'GetTask', { id: task.id }));
  expect(JSON.parse(ended.artifacts[0]?.parts[0]?.text ?? '')).toMatchObject({
    ...{ status: 'completed', response: 'done at last' },
  });
  expect(runner.started).toHaveLength(1);
});

test('a directive that is cancelled is killed, not only called so', async () => {
  let killed = false;
  const runner = createTestRunner(
    (_args, signal) =>
      new Promise((_, reject) =>
        signal.addEventListener('abort', () => {
          killed = true;
          reject(signal.reason);
        }),
      ),
  );
  const member = await swarm.add('a', { cortex, policy, runner });
  await soon(member.node.start());
  const sent = send(member, 'dir_cancelled');
  await swarm.until(() => runner.started.length === 1);
  const [directive] = await member.node.listDirectives();
  const row = await member.stores.inbox.list(member.node.id, { limit: 1 });
  expect(directive?.status).toBe('running');
  const cancelled = await soon(call(member, 'CancelTask', { id: row[0]?.rowId }));
  expect(cancelled.status.state).toBe('TASK_STATE_CANCELED');
  expect(killed).toBe(true);
  expect((await soon(sent)).status.state).toBe('TASK_STATE_CANCELED');
});

test('what came before a node died is known in its next life, and does not run again', async () => {
  const runner = createTestRunner(async () => 0);
  const member = await swarm.add('a', { cortex, policy, runner });
  await soon(member.node.start());
  const first = await soon(send(member, 'dir_once'));
  member.kill();
  await soon((await member.restart()).start());
  const again = await soon(send(member, 'dir_once'));
  expect(again.id).toBe(first.id);
  expect(again.status.state).toBe('TASK_STATE_COMPLETED');
  expect(runner.started).toHaveLength(1);
  const other = await soon(send(member, 'dir_once', 'another command'));
  expect(other.status).toMatchObject({ state: 'TASK_STATE_FAILED' });
  expect(other.status.message?.parts[0]?.text).toMatch(/used before with another payload/);
});
