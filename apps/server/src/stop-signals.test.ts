import { expect, test } from 'vitest';
import { signalMeaning } from './stop-signals.ts';

test.each([
  ['the first', undefined, 'stop'],
  ['its echo through npm', 20, 'echo'],
  ['a second one, meant', 1_500, 'end'],
] as const)('%s signal means its own', (_name, sinceFirstMs, meaning) => {
  expect(signalMeaning(sinceFirstMs)).toBe(meaning);
});
