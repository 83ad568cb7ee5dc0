import { expect, test } from 'vitest';
import { localTiming } from '../membership/timing.ts';
import { used } from '../testing/fleet-examples.ts';
import { createTestSwarm } from '../testing/index.ts';

test('a seed knows from beats alone what a member used, also after either of them had a new life', async () => {
  await using swarm = await createTestSwarm();
  const timing = localTiming;
  const seed = await swarm.add('seed', { timing });
  await seed.node.start();
  const { token } = await seed.node.createJoinToken();
  const member = await swarm.add('member', { timing, seeds: [seed.origin], joinToken: token });
  await member.node.start();
  const id = member.identity.nodeId;
  const use = (tokensIn: number) => member.stores.usage.record(id, [{ runId: 'run', usage: used({ tokensIn }) }]);
  const known = async () => (await seed.stores.usage.hours(0)).find(({ nodeId }) => nodeId === id)?.hours;
  const home = async () => (await member.stores.usage.series(id, 0)).hours;
  const heard = () => swarm.until(async () => JSON.stringify(await known()) === JSON.stringify(await home()), 10_000);

  await use(5);
  await heard();
  seed.kill();
  await use(9);
  await swarm.pass(10_000);
  await (await seed.restart()).start();
  await heard();
  member.kill();
  await use(20); // written by its last breath
  await (await member.restart()).start();
  await swarm.pass(5_000);
  await heard();
  expect((await known())?.map(({ usage }) => usage.tokensIn)).toEqual([20]);
});
