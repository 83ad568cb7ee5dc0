/** docs/requirements.md and docs/coverage.md say which test holds which promise: each of them has to be there. */
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

test.each(['requirements.md', 'coverage.md'])('every promise in docs/%s names a test that is there', (name) => {
  const text = readFileSync(join(root, 'docs', name), 'utf8');
  const covered = coveredIn(text);
  expect(covered.length).toBe(text.split('\n').filter((line) => line.includes('.ts` |')).length);
  expect(missingIn(covered)).toEqual([]);
});

test('each weakness from 3 to 17 has a test that shows ours does not have it', () => {
  const text = readFileSync(join(root, 'docs', 'coverage.md'), 'utf8');
  const sections = text.split(/^## (?=\d+\. )/m).slice(1);
  const shown = sections
    .filter((section) => coveredIn(section).length > 0)
    .map((section) => Number.parseInt(section, 10));
  expect(shown).toEqual(expect.arrayContaining(Array.from({ length: 15 }, (_, index) => index + 3)));
});

test('a promise whose test went is told', () => {
  const covered = coveredIn('| a promise | `test/requirements.test.ts` | a test that never was\u00a0there |');
  expect(missingIn(covered)).toEqual(['test/requirements.test.ts: a test that never was\u00a0there']);
});
