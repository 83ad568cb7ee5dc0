import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromColumn, toColumn } from './column-text.ts';

const word = fc.string({
  unit: fc.oneof(
    fc.constantFrom('a', '\\', '"', '\0', '\x1e', '\ud83d', '\ude00', 'u', '0'),
    fc.string({ maxLength: 1 }),
  ),
});

test('any word comes back as it was, and travels without NUL, separators and halves of characters', () => {
  fc.assert(
    fc.property(word, (original) => {
      const stored = toColumn(original);
      expect(fromColumn(stored)).toBe(original);
      expect([...stored].every((character) => character >= ' ')).toBe(true);
      expect(Buffer.from(stored).toString()).toBe(stored);
    }),
  );
});

test('two words are never stored as one, not even a word and what it is stored as', () => {
  fc.assert(
    fc.property(word, word, (a, b) => {
      expect(toColumn(a) === toColumn(b)).toBe(a === b);
      expect(toColumn(a) === toColumn(toColumn(a))).toBe(toColumn(a) === a);
    }),
  );
});

test.each(['', 'ctx-1', '["node","abc",""]', 'Grüße 😀'])('%j is stored as it is', (ordinary) => {
  expect(toColumn(ordinary)).toBe(ordinary);
});
