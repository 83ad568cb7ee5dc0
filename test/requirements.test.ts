/** docs/requirements.md says which test holds which promise: each of them has to be there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The files and names of a table's rows: `| promise | \`file\` | name |`. */
function coveredIn(text: string): { file: string; name: string }[] {
  return [...text.matchAll(/^\|[^\n]*\| `([^`|]+\.ts)` \| ([^\n]+?) \|$/gm)].map(([, file = '', name = '']) => ({
    file,
    name,
  }));
}

function missingIn(covered: readonly { file: string; name: string }[]): string[] {
  return covered
    .filter(({ file, name }) => {
      const path = join(root, file);
      return !existsSync(path) || !readFileSync(path, 'utf8').includes(name);
    })
    .map(({ file, name }) => `${file}: ${name}`);
}

test('every promise names a test that is there', () => {
  const text = readFileSync(join(root, 'docs', 'requirements.md'), 'utf8');
  const covered = coveredIn(text);
  expect(covered.length).toBe(text.split('\n').filter((line) => line.includes('.ts` |')).length);
  expect(missingIn(covered)).toEqual([]);
});

test('a promise whose test went is told', () => {
  const covered = coveredIn('| a promise | `test/requirements.test.ts` | a test that never was\u00a0there |');
  expect(missingIn(covered)).toEqual(['test/requirements.test.ts: a test that never was\u00a0there']);
});
