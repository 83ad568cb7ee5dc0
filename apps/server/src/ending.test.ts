import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { heedSignals, wordOfDrain } from './ending.ts';

function setUp({ canDrain = true } = {}) {
  let now = 0;
  const exits: number[] = [];
  const emitter = new EventEmitter();
  // Only what is used of a process to end it.
  const process = Object.assign(emitter, { exit: (code: number) => exits.push(code) }) as unknown as NodeJS.Process;
  const ending = heedSignals(process, { canDrain: () => canDrain, now: () => now });
  const signal = (name: string, at: number) => {
    now = at;
    emitter.emit(name);
  };
  return { ending, signal, exits };
}

test('SIGTERM asks for a drain; the next signal ends the wait for it, the third everything', async () => {
  const { ending, signal, exits } = setUp();
  signal('SIGTERM', 0);
  expect(await ending.asked).toEqual({ reason: 'SIGTERM', drains: true });
  signal('SIGTERM', 20); // npm's echo
  expect(ending.stopping.aborted).toBe(false);
  signal('SIGINT', 2_000);
  expect(ending.stopping.reason).toMatchObject({ message: 'SIGINT' });
  signal('SIGINT', 2_020);
  expect(exits).toEqual([]);
  signal('SIGINT', 4_000);
  expect(exits).toEqual([130]);
});

test.each(['SIGINT', 'SIGHUP'])('%s stops at once', async (name) => {
  const { ending, signal } = setUp();
  signal(name, 0);
  expect(await ending.asked).toEqual({ reason: name, drains: false });
  expect(ending.stopping.aborted).toBe(true);
});

test('a node that is not up yet has nothing to drain', async () => {
  const { ending, signal } = setUp({ canDrain: false });
  signal('SIGTERM', 0);
  expect(await ending.asked).toEqual({ reason: 'SIGTERM', drains: false });
});

test('the loss of the database, or of the parent, ends the wait for a drain', () => {
  for (const end of ['disconnect', 'lost'] as const) {
    const { ending, signal } = setUp();
    signal('SIGTERM', 0);
    if (end === 'lost') ending.stop('the database was lost');
    else signal('disconnect', 100);
    expect(ending.stopping.aborted).toBe(true);
  }
});

test.each([
  ['drained', true],
  ['sealed', true],
  ['draining', false],
  ['eligible', false],
] as const)('a node that is %s at the end of the wait has drained: %s', (eligibility, hasDrained) => {
  expect(wordOfDrain(eligibility) === 'the node has drained').toBe(hasDrained);
});
