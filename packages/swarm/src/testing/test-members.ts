/** Nodes of a test swarm that have joined one another, and waiting for them on the swarm's clock. */
import type { SwarmNodeOptions } from '../swarm-node-options.ts';
import type { TestMember, TestSwarm } from './test-swarm.ts';

/** The first is the seed of the others. Resolves when each sees all others online. */
export async function startJoined(
  swarm: TestSwarm,
  first: Partial<SwarmNodeOptions>,
  ...others: readonly Partial<SwarmNodeOptions>[]
): Promise<[TestMember, ...TestMember[]]> {
  const seed = await swarm.add('node-0', first);
  await seed.node.start();
  const joiners = await Promise.all(
    others.map(async (options, index) => {
      const { token } = await seed.node.createJoinToken();
      return swarm.add(`node-${index + 1}`, { seeds: [seed.origin], joinToken: token, ...options });
    }),
  );
  await Promise.all(joiners.map(({ node }) => node.start()));
  const members: [TestMember, ...TestMember[]] = [seed, ...joiners];
  for (const observer of members) {
    const seesAll = async () => (await observer.node.listNodes({ status: 'online' })).length === members.length;
    await swarm.until(seesAll);
  }
  return members;
}

/** Lets the swarm's clock run until the promise of one of its nodes settles. */
export async function awaited<T>(swarm: TestSwarm, work: Promise<T>): Promise<T> {
  let over = false;
  const done = () => {
    over = true;
  };
  work.then(done, done);
  await swarm.until(() => over);
  return work;
}
