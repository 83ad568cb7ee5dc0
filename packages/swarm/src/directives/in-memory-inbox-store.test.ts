import { DirectiveId, type DirectiveResult, NodeId, noUsage } from '@skein/contracts';
import { createFakeClock } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import type { Effect } from './effects.ts';
import { createInMemoryInboxStore, type InMemoryInboxStoreDependencies } from './in-memory-inbox-store.ts';

const self = NodeId.parse('b'.repeat(26));
const key = {
  sourceNodeId: NodeId.parse('a'.repeat(26)),
  id: DirectiveId.parse('5b6f4f0e-6f0c-4c62-8b3a-0a4c5f0e6f0c'),
};
const effects: Effect[] = [{ type: 'merge', nodeId: self, namespace: 'memory', entries: [] }];
const completed: DirectiveResult & { status: 'completed' } = {
  status: 'completed',
  started: true,
  metrics: { ...noUsage, durationMs: 1 },
};

/** An inbox with one directive that runs. */
async function createRunning(own: Omit<InMemoryInboxStoreDependencies, 'clock'>) {
  const inbox = createInMemoryInboxStore({ clock: createFakeClock(), ...own });
  await inbox.admit({
    ...key,
    rowId: 'd2b5f7f6-3f3a-4f57-9c77-2c0d7f3f4a11',
    targetNodeId: self,
    order: { kind: 'query_resources', payload: {} },
    payloadHash: 'a'.repeat(64),
    priority: 'normal',
    effect: 'tx',
    remainingMs: 60_000,
    parentDirectiveId: null,
    refusal: null,
  });
  const [row] = await inbox.claim(self, { limit: 1, leasedBy: 'life-1', leaseMs: 60_000 });
  if (!row) throw new Error('there was nothing to claim');
  await inbox.start(key, row.epoch);
  return { inbox, epoch: row.epoch };
}

test('where an effect cannot be stored the row is still running, and its worker is told why', async () => {
  let failing = true;
  const apply = () => {
    if (failing) throw new Error('the mailbox is full');
  };
  const { inbox, epoch } = await createRunning({ apply });
  await expect(inbox.finish(key, epoch, completed, effects)).rejects.toThrow('the mailbox is full');
  expect(await inbox.find(key)).toMatchObject({ state: 'running', epoch, result: null });
  failing = false;
  expect(await inbox.finish(key, epoch, completed, effects)).toMatchObject({ status: 'done' });
});

test('an inbox without a place for effects takes none', async () => {
  const { inbox, epoch } = await createRunning({});
  await expect(inbox.finish(key, epoch, completed, effects)).rejects.toThrow('without a place for effects');
  expect(await inbox.find(key)).toMatchObject({ state: 'running' });
  expect(await inbox.finish(key, epoch, completed)).toMatchObject({ status: 'done' });
});
