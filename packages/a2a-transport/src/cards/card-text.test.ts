import { expect, test } from 'vitest';
import { escapeCardText } from './card-text.ts';

test.each([
  ['colours and cursors', '\u001b[2J\u001b[31mred', '\\u{1b}[2J\\u{1b}[31mred'],
  ['a title that is set', '\u001b]0;x\u0007', '\\u{1b}]0;x\\u{7}'],
  ['the same in one character', '\u009b31m', '\\u{9b}31m'],
  ['further lines', 'a\nb\r\nc\u2028d\te', 'a\\u{a}b\\u{d}\\u{a}c\\u{2028}d\\u{9}e'],
  ['text turned around', 'a\u202Eb\u2066c', 'a\\u{202e}b\\u{2066}c'],
  ['words that nobody sees', 'a\u{e0041}\u200bb', 'a\\u{e0041}\\u{200b}b'],
  ['half a character', 'a\ud83d', 'a\\u{d83d}'],
  ['backspaces and NUL', 'a\u0008\u0000b', 'a\\u{8}\\u{0}b'],
  ['ordinary words of any language', 'Grüße, 世界 – naïve 😀', 'Grüße, 世界 – naïve 😀'],
])('%s cannot act, only show', (_what, text, shown) => {
  expect(escapeCardText(text)).toBe(shown);
});
