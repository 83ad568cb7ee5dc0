import { DirectiveId, NodeId, noUsage } from '@skein/contracts';
import { createFakeClock, createMemoryLogger } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import { createTestRunner } from '../../testing/test-swarm.ts';
import { executeTask } from './execute-task.ts';
import { createToolRegistry } from './tools.ts';

test('what is ended while its folder is looked up never starts its program', async () => {
  const runner = createTestRunner(async () => 0);
  const handle = executeTask({
    ...{ runner, tools: createToolRegistry(), policy: { allowedPrograms: ['/bin/echo'] }, workFolder: '/' },
    ...{ clock: createFakeClock(), logger: createMemoryLogger() },
  });
  const ending = new AbortController();
  const outcome = handle(
    { command: ['echo', 'hello'] },
    {
      directiveId: DirectiveId.parse('00000000-0000-4000-8000-000000000001'),
      parentDirectiveId: null,
      sourceNodeId: NodeId.parse('b'.repeat(26)),
      effect: 'amo',
      epoch: 1,
      signal: ending.signal,
      output: () => {},
    },
  );
  ending.abort(new Error('cancelled'));
  expect(await outcome).toMatchObject({ status: 'failed', error: { reason: 'program_not_started' }, usage: noUsage });
  expect(runner.started).toEqual([]);
});
