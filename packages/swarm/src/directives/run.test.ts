/** What becomes of a handler's outcome: stored with its effects, or not at all, and told to the handler either way. */
import { DirectiveId, NodeId, noUsage } from '@skein/contracts';
import { createFakeClock, createMemoryLogger } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import type { Effect } from './effects.ts';
import type { HandlerOutcome } from './handlers/handler.ts';
import { createInMemoryInboxStore } from './in-memory-inbox-store.ts';
import { createInboxBus } from './inbox-news.ts';
import { RunEnded, runDirective } from './run.ts';

const self = NodeId.parse('b'.repeat(26));
const key = {
  sourceNodeId: NodeId.parse('a'.repeat(26)),
  id: DirectiveId.parse('5b6f4f0e-6f0c-4c62-8b3a-0a4c5f0e6f0c'),
};
const effects: Effect[] = [{ type: 'merge', nodeId: self, namespace: 'memory', entries: [] }];

/** A claimed directive, whose handler answers with one effect. */
async function createLeased(outcome: Partial<HandlerOutcome> = {}) {
  const clock = createFakeClock();
  const logger = createMemoryLogger();
  const applied: Effect[] = [];
  const heard: boolean[] = [];
  const inbox = createInMemoryInboxStore({ clock, apply: (some) => void applied.push(...some) });
  await inbox.admit({
    ...{ ...key, rowId: 'd2b5f7f6-3f3a-4f57-9c77-2c0d7f3f4a11', targetNodeId: self, payloadHash: 'a'.repeat(64) },
    ...{ order: { kind: 'query_resources', payload: {} }, priority: 'normal', effect: 'tx', remainingMs: 60_000 },
    ...{ parentDirectiveId: null, refusal: null },
  });
  const [row] = await inbox.claim(self, { limit: 1, leasedBy: 'life-1', leaseMs: 60_000 });
  if (!row) throw new Error('there was nothing to claim');
  const ending = new AbortController();
  const doing = { before: async () => {} };
  const handlers = {
    query_resources: async (): Promise<HandlerOutcome> => {
      await doing.before();
      return { status: 'completed', usage: noUsage, effects, settled: (stored) => heard.push(stored), ...outcome };
    },
  };
  const run = () =>
    runDirective({ inbox, handlers, bus: createInboxBus({ emit: () => {} }), clock, logger }, row, ending.signal);
  return { inbox, row, clock, logger, applied, heard, ending, doing, run };
}

test('effects are stored with the result, and the handler hears of it after that', async () => {
  const { inbox, applied, heard, run } = await createLeased();
  await run();
  expect(applied).toEqual(effects);
  expect(await inbox.find(key)).toMatchObject({ state: 'completed' });
  expect(heard).toEqual([true]);
});

test('work that another has taken over leaves no effect, and the handler hears that too', async () => {
  const { inbox, row, applied, heard, doing, run } = await createLeased();
  doing.before = async () => {
    await inbox.recoverLost(key, row.epoch, { reason: 'worker_lost', message: '' });
  };
  await run();
  expect(applied).toEqual([]);
  expect(await inbox.find(key)).toMatchObject({ state: 'received' });
  expect(heard).toEqual([false]);
});

test('work that was cancelled while it ran leaves no effect', async () => {
  const { inbox, applied, heard, doing, ending, run } = await createLeased();
  doing.before = async () => ending.abort(new RunEnded('cancelled'));
  await run();
  expect(applied).toEqual([]);
  expect(await inbox.find(key)).toMatchObject({ state: 'cancelled' });
  expect(heard).toEqual([false]);
});

test('an end that was stored while its answer was lost is found again, and its effects are stored once', async () => {
  const { inbox, clock, applied, heard, run } = await createLeased();
  const { finish } = inbox;
  inbox.finish = async (...end) => {
    inbox.finish = finish;
    await finish(...end);
    throw new Error('the connection broke');
  };
  const over = run();
  await clock.advance(500);
  await over;
  expect(applied).toEqual(effects);
  expect(heard).toEqual([true]);
});

test('a store that is away is tried again until it has the end', async () => {
  const { inbox, clock, applied, heard, run } = await createLeased();
  const { finish } = inbox;
  let failures = 3;
  inbox.finish = async (...end) => {
    failures -= 1;
    if (failures >= 0) throw new Error('the database is away');
    return finish(...end);
  };
  const over = run();
  await clock.advance(1_400);
  expect(heard).toEqual([]);
  await clock.advance(100);
  await over;
  expect(applied).toEqual(effects);
  expect(heard).toEqual([true]);
});

test('a handler that stumbles over the news of its end changes nothing of it', async () => {
  const settled = () => {
    throw new Error('it stumbles');
  };
  const { inbox, logger, run } = await createLeased({ settled });
  await run();
  expect(await inbox.find(key)).toMatchObject({ state: 'completed' });
  expect(logger.lines).toMatchObject([{ level: 'error', message: 'a handler failed after its directive had ended' }]);
});
