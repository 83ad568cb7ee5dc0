import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPidSpace } from './pid-space.ts';

test('PIDs begin at 900,000 and none comes twice, whether it was given back or not', () => {
  const pids = createPidSpace();
  const first = pids.take();
  pids.release(first);
  expect([first, pids.take(), pids.take()]).toEqual([900_000, 900_001, 900_002]);
});

test('after the last one come those that are free', () => {
  const pids = createPidSpace({ first: 10, limit: 13 });
  expect([pids.take(), pids.take(), pids.take()]).toEqual([10, 11, 12]);
  expect(() => pids.take()).toThrow('all PIDs from 10 to 12 are in use');
  pids.release(11);
  expect(pids.take()).toBe(11);
  pids.release(10);
  pids.release(12);
  pids.release(99);
  expect([pids.take(), pids.take()]).toEqual([12, 10]);
});

test('no two at once have the same PID', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat({ max: 6 }), { nil: undefined })), (steps) => {
      const pids = createPidSpace({ first: 1, limit: 9 });
      const held: number[] = [];
      for (const give of steps) {
        if (give === undefined && held.length < 8) {
          const pid = pids.take();
          expect(held).not.toContain(pid);
          held.push(pid);
        } else for (const pid of held.splice(give ?? 0, 1)) pids.release(pid);
      }
    }),
  );
});
