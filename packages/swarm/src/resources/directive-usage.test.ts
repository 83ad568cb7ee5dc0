import type { Order } from '@skein/contracts';
import { createEmitter } from '@skein/contracts/runtime';
import { createFakeClock, createMemoryLogger, createSeededRandom } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import type { DirectiveHandlers } from '../directives/handlers/handler.ts';
import { createInboxBus } from '../directives/inbox-news.ts';
import type { InboxRow } from '../directives/inbox-store.ts';
import { RunEnded, runDirective } from '../directives/run.ts';
import { createInMemoryStores } from '../in-memory-stores.ts';
import { directiveIdNo, nodeIdNo, used } from '../testing/fleet-examples.ts';
import { programReadings, recordDirectiveUsage, runIdOf } from './directive-usage.ts';
import type { RunReading } from './usage-ledger.ts';

const self = nodeIdNo(0);
const key = { sourceNodeId: nodeIdNo(1), id: directiveIdNo(1) };
const task = { kind: 'execute_task', payload: { command: ['true'] } } as Order;
const spawn = { kind: 'spawn_agent', payload: { agentType: 'test', instruction: 'go' } } as Order;

/** A claimed directive, and a ledger that may be away; `states` are those of the row when usage was recorded. */
async function claimed(order: Order) {
  const clock = createFakeClock();
  const { inbox } = createInMemoryStores({ clock, random: createSeededRandom(1) });
  await inbox.admit({
    ...{ ...key, rowId: '1', targetNodeId: self, order, payloadHash: 'h', priority: 'normal', effect: 'amo' },
    ...{ remainingMs: 60_000, parentDirectiveId: null, refusal: null },
  });
  const [row] = await inbox.claim(self, { limit: 1, leasedBy: 'w', leaseMs: 60_000 });
  if (!row) throw new Error('nothing was claimed');
  const recorded: RunReading[] = [];
  const states: (string | undefined)[] = [];
  const ledger = { failures: 0 };
  const stop = new AbortController();
  const recordUsage = recordDirectiveUsage({
    async record(readings) {
      if (ledger.failures-- > 0) throw new Error('the database is away');
      recorded.push(...readings);
      states.push((await inbox.find(key))?.state);
    },
  });
  const run = (handlers: DirectiveHandlers) => {
    const bus = createInboxBus(createEmitter(() => {}));
    const deps = { inbox, handlers, bus, recordUsage, clock, logger: createMemoryLogger() };
    return runDirective(deps, row, stop.signal);
  };
  return { clock, inbox, recorded, states, ledger, stop, run };
}

const usage = used({ tokensIn: 7, cpuMs: 3 });
const reading = { runId: `${directiveIdNo(1)}/1`, usage };

test('what a directive used is in the ledger before its end is stored', async () => {
  const { inbox, recorded, states, run } = await claimed(task);
  await run({ execute_task: async () => ({ status: 'completed', usage }) });
  expect([recorded, states]).toEqual([[reading], ['running']]);
  expect(await inbox.find(key)).toMatchObject({ state: 'completed', result: { metrics: usage } });
});

test('an end waits for a ledger that is away, and is stored with it', async () => {
  const { clock, inbox, recorded, ledger, run } = await claimed(task);
  ledger.failures = 3;
  const done = run({ execute_task: async () => ({ status: 'completed', usage }) });
  await clock.advance(1_000);
  expect((await inbox.find(key))?.state).toBe('running');
  await clock.advance(1_000);
  await done;
  expect(recorded).toEqual([reading]);
  expect((await inbox.find(key))?.state).toBe('completed');
});

test.each([
  ['cancelled', 'cancelled'],
  ['stopping', 'interrupted'],
  ['lease_lost', 'running'],
] as const)('work that was ended because of %s records what it used too', async (why, state) => {
  const { clock, inbox, recorded, stop, run } = await claimed(task);
  const killed = (signal: AbortSignal) => new Promise((resolve) => signal.addEventListener('abort', resolve));
  const done = run({
    execute_task: async (_payload, { signal }) => {
      await killed(signal);
      return { status: 'failed', usage };
    },
  });
  await clock.advance(10);
  stop.abort(new RunEnded(why));
  await done;
  expect(recorded).toEqual([reading]);
  expect((await inbox.find(key))?.state).toBe(state);
});

test('what is in the ledger already, as an agent’s figures are, is not recorded again; it stands in the result', async () => {
  const { inbox, recorded, run } = await claimed(spawn);
  await run({ spawn_agent: async () => ({ status: 'completed', usage, recorded: true }) });
  expect(recorded).toEqual([]);
  expect(await inbox.find(key)).toMatchObject({ result: { metrics: usage } });
});

test('what a program’s own way to spawn used is recorded as that of every other handler', async () => {
  const { recorded, run } = await claimed(spawn);
  await run({ spawn_agent: async () => ({ status: 'completed', usage }) });
  expect(recorded).toEqual([reading]);
});

test('of the programs that run, those of directives that the worker holds are read', () => {
  const held = { id: directiveIdNo(1), epoch: 2 } as InboxRow; // all that names a run
  const runs = [
    { runId: runIdOf(held), usage },
    { runId: 'agent/1', usage },
  ];
  expect(programReadings({ runs: () => runs }, [held])).toEqual([{ runId: `${directiveIdNo(1)}/2`, usage }]);
  expect(programReadings({}, [held])).toEqual([]);
});
