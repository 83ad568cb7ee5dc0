import { createMemoryLogger } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import { createTestSwarm } from '../testing/index.ts';
import { createCortexPeers } from './cortex-peers.ts';

const prism = { name: 'prism', key: 'q3Jr0mZk9_f2Xw-LbN7tYc' };

test.each([
  ['a key that nobody drew', { key: 'hunter2'.padEnd(32, 'hunter2') }, /prism: its key is too simple/],
  ['an endpoint with a password', { endpoint: 'http://user:hunter2@10.0.0.1/' }, /prism: its endpoint must not hold/],
])('%s is refused, and told by the name of its peer alone', (_what, change, says) => {
  const told = () => createCortexPeers({ peers: [{ ...prism, ...change }] });
  expect(told).toThrow(says);
  expect(told).not.toThrow(/hunter2/);
});

test('a start tells of each peer what it may send, and of an evaluator that may not run', async () => {
  await using swarm = await createTestSwarm();
  const logger = createMemoryLogger();
  const peers = [
    { ...prism, evaluator: ['/usr/bin/deno', 'eval'] as const },
    { name: 'other', key: 'Zk9_f2Xw-LbN7tYcq3Jr0m', evaluator: ['/usr/bin/node', '-e'] as const },
  ];
  await swarm.add('node', { logger, cortex: { peers }, policy: { allowedPrograms: ['/usr/bin/node'] } });
  expect(logger.lines.filter(({ message }) => message.includes('cortex peer'))).toMatchObject([
    { level: 'info', fields: { peer: 'prism', kinds: ['query_resources'] } },
    { level: 'warn', fields: { peer: 'prism', program: '/usr/bin/deno' } },
    { level: 'info', fields: { peer: 'other' } },
  ]);
});
