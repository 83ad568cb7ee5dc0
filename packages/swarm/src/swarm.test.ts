import type { DirectiveUpdate } from '@skein/contracts';
import { expect, test } from 'vitest';
import { createTestRunner, createTestSwarm, type TestMember, type TestSwarm } from './testing/index.ts';

const policy = { allowedPrograms: ['/bin/echo'] };
const echo = () =>
  createTestRunner(async (args, _signal, print) => {
    for (const arg of args) print(`${arg}\n`);
    return 0;
  });

/** A seed and a member that has joined it, both started and online to each other. */
async function pair(swarm: TestSwarm, memberOptions = {}): Promise<{ seed: TestMember; member: TestMember }> {
  const seed = await swarm.add('seed', { runner: echo(), policy });
  await seed.node.start();
  const { token } = await seed.node.createJoinToken();
  const member = await swarm.add('member', {
    runner: echo(),
    policy,
    seeds: [seed.origin],
    joinToken: token,
    ...memberOptions,
  });
  await member.node.start();
  await swarm.until(async () => (await seed.node.getNode(member.identity.nodeId))?.status === 'online');
  await swarm.until(async () => (await member.node.getNode(seed.identity.nodeId))?.status === 'online');
  return { seed, member };
}

test('a member joins through a token, and a directive goes to it and its result comes back', async () => {
  await using swarm = await createTestSwarm();
  const { seed, member } = await pair(swarm);
  let result: Awaited<ReturnType<typeof seed.node.dispatch>> | undefined;
  void seed.node
    .dispatch({ kind: 'execute_task', target: member.identity.nodeId, payload: { command: ['echo', 'hello'] } })
    .then((r) => {
      result = r;
    });
  await swarm.until(() => result !== undefined);
  expect(result).toMatchObject({ status: 'completed', output: { exitCode: 0, stdout: 'hello\n' } });
});

test('output arrives as it comes, and the result last', async () => {
  await using swarm = await createTestSwarm();
  const { seed, member } = await pair(swarm);
  const updates: DirectiveUpdate[] = [];
  const payload = { command: ['echo', 'one', 'two'] as [string, ...string[]] };
  void (async () => {
    const stream = seed.node.dispatchStream({ kind: 'execute_task', target: member.identity.nodeId, payload });
    for await (const update of stream) updates.push(update);
  })();
  await swarm.until(() => updates.at(-1)?.type === 'result');
  expect(updates.filter((update) => update.type === 'output').map(({ text }) => text)).toEqual(['one\n', 'two\n']);
});
