/** What `break-it.mjs` breaks is still there to be broken, and every point of A2A.md has a place where it is. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import * as z from 'zod';

const Breakage = z.strictObject({
  /** Of A2A.md, or the dialect. */
  point: z.union([z.int().min(1).max(23), z.literal('v0.3')]),
  /** What is wrong once it is broken. */
  name: z.string().min(1),
  file: z.string(),
  find: z.string().min(1),
  replace: z.string(),
  tests: z.array(z.string()).min(1),
});
const root = fileURLToPath(new URL('../../..', import.meta.url));
const table = z.array(Breakage).parse(JSON.parse(readFileSync(new URL('breakages.json', import.meta.url), 'utf8')));

test.each(table)('$name: its text stands once in $file', ({ file, find, replace, tests }) => {
  const text = readFileSync(join(root, file), 'utf8');
  expect(text.split(find)).toHaveLength(2);
  expect(replace).not.toBe(find);
  expect(tests.filter((each) => !existsSync(join(root, each)))).toEqual([]);
});

test('every numbered point is broken somewhere, and each breakage has a name of its own', () => {
  const points = new Set(table.map(({ point }) => point));
  expect(Array.from({ length: 23 }, (_, index) => index + 1).filter((point) => !points.has(point))).toEqual([]);
  expect(new Set(table.map(({ name }) => name)).size).toBe(table.length);
  expect(table.length).toBeGreaterThanOrEqual(30);
});
