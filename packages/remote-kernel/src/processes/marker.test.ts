import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatMarker, isHostId, lifePrefix, parseMarker } from './marker.ts';

test('every mark that is written is read again as it was', () => {
  const marker = fc.record({
    hostId: fc.stringMatching(/^[A-Za-z0-9._-]{1,30}$/),
    life: fc.record({ pid: fc.nat(), startTicks: fc.nat() }),
    runId: fc.string({ minLength: 1 }),
  });
  fc.assert(
    fc.property(marker, (given) => {
      expect(parseMarker(formatMarker(given))).toEqual(given);
      expect(formatMarker(given).startsWith(lifePrefix(given.hostId, given.life))).toBe(true);
    }),
  );
});

test.each(['', 'h', 'h/1/r', 'h/1.2/', '/1.2/r', 'h/a.b/r'])('%j is no mark', (text) => {
  expect(parseMarker(text)).toBeUndefined();
});

test.each(['', 'a/b', 'a b', 'a\n', 'ä', 'a'.repeat(129)])('%j is no host id', (text) => {
  expect(isHostId(text)).toBe(false);
});
