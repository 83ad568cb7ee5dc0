import { Eligibility } from '@skein/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decidedVersion, isCredible, supersedes } from './eligibility-version.ts';

const word = fc.record({
  eligibility: fc.constantFrom(...Eligibility.options),
  version: fc.oneof(fc.nat(3), fc.nat(200_000)),
});

test('in whichever order registries hear the same words, they agree in the end', () => {
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 1, maxLength: 8 }).chain((words) => {
        const all = [...words];
        return fc.tuple(fc.shuffledSubarray(all, { minLength: all.length }), fc.constant(all));
      }),
      ([one, other]) => {
        const heard = (words: typeof one) => words.reduce((known, told) => (supersedes(told, known) ? told : known));
        expect(heard(one)).toEqual(heard(other));
      },
    ),
  );
});

test('whatever a node has said of itself before it was sealed, and says after, the seal holds', () => {
  fc.assert(
    fc.property(fc.array(word), fc.nat(100), fc.array(word), (before, version, after) => {
      const start = { eligibility: 'eligible', version } as const;
      const believed = (known: typeof start | (typeof after)[number], told: (typeof after)[number]) =>
        told.eligibility !== 'sealed' && isCredible(told, known) && supersedes(told, known) ? told : known;
      const elsewhere = before.reduce(believed, start); // a registry that has not heard of the seal
      const seal = { eligibility: 'sealed', version: decidedVersion(version, 'sealed') } as const;
      const told = after.reduce(believed, elsewhere);
      expect(supersedes(seal, told)).toBe(true);
      expect(supersedes(told, seal)).toBe(false);
    }),
  );
});

test('a node that sealed itself is believed, though not by any leap', () => {
  expect(isCredible({ eligibility: 'sealed', version: 65_536 }, { eligibility: 'eligible', version: 7 })).toBe(true);
  expect(isCredible({ eligibility: 'sealed', version: 2 ** 31 }, { eligibility: 'eligible', version: 7 })).toBe(false);
});
