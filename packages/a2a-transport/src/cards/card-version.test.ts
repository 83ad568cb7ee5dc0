import { expect, test } from 'vitest';
import { compareCardVersions } from './card-version.ts';

test.each<[string, string, number | undefined]>([
  ['1.0.0', '1.0.0', 0],
  ['1.0', '1.0.0', 0],
  ['v2', '2.0', 0],
  ['1.9.0', '1.10.0', -1],
  ['2.0.0', '1.99.99', 1],
  ['1.2.0-rc.1', '1.2.0', -1],
  ['1.2.0-rc.9', '1.2.0-rc.10', -1],
  ['1.2.1-alpha', '1.2.0', 1],
  ['1.2.0+build.7', '1.2.0+build.9', 0],
  ['spring', 'spring', 0],
  ['spring', '1.0.0', undefined],
  ['1.0.0', '', undefined],
  [`${'1.'.repeat(50_000)}x`, '1.0.0', undefined],
])('%s against %s', (first, second, order) => {
  const found = compareCardVersions(first, second);
  expect(found === undefined ? undefined : Math.sign(found)).toBe(order);
  const turned = compareCardVersions(second, first);
  expect(turned === undefined ? undefined : Math.sign(turned) + 0).toBe(order === undefined ? undefined : 0 - order);
});
