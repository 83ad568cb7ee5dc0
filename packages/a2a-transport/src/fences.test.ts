import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const sources = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
  .map((path) => ({ path, text: readFileSync(join(import.meta.dirname, path), 'utf8') }));
const filesWith = (pattern: RegExp) =>
  sources
    .filter(({ text }) => pattern.test(text))
    .map(({ path }) => path)
    .sort();

test.each([
  { what: 'json-rpc-2.0', pattern: /from 'json-rpc-2\.0'/, files: ['json-rpc/caller.ts'] },
  { what: 'undici', pattern: /from 'undici'/, files: ['client/guarded-http.ts', 'client/undici-http.ts'] },
  { what: 'jose', pattern: /from 'jose'/, files: ['cards/sign-card.ts', 'cards/verify-card.ts'] },
  { what: 'canonicalize', pattern: /from 'canonicalize'/, files: ['cards/canonical-card.ts'] },
  { what: 'error numbers', pattern: /-3[12]\d{3}/, files: ['json-rpc/errors.ts'] },
  { what: 'the machine’s clock', pattern: /Date\.now|setTimeout|setInterval|Math\.random/, files: [] },
  { what: 'the environment', pattern: /process\.env/, files: [] },
])('$what stays within $files', ({ pattern, files }) => {
  expect(filesWith(pattern)).toEqual(files);
});
