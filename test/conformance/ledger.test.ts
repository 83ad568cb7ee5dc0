/** The list of requirements is held to what it says: each test that it names is there, each row has one or a reason. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Requirement } from './requirement.ts';
import { requirements } from './requirements.ts';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');

interface NamedTest {
  file: string;
  name: string;
}

function named(reference: string): NamedTest {
  const [file = '', name = ''] = reference.split(' › ');
  return { file: file.includes('/') ? file : `${relative(root, here)}/${file}.test.ts`, name };
}

/** Whether the source has a test of this name, in quotes of any kind; what is only described is no test. */
function isThere({ file, name }: NamedTest, registered = ''): boolean {
  const path = join(root, file);
  if (name === '' || !existsSync(path)) return false;
  const source = readFileSync(path, 'utf8').replace(/\(\n\s+/g, '(');
  const title = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<!describe)${registered}\\((['"\`])${title}\\1,`).test(source);
}

function faultsOf({ id, tests, reason, gap, link, says }: Requirement): string[] {
  const faults: string[] = [];
  for (const reference of tests) {
    const covering = named(reference);
    if (!isThere(covering)) faults.push(`${id}: there is no test “${reference}”`);
    else if (gap !== undefined && !isThere(covering, 'test.fails'))
      faults.push(`${id}: a gap is shown by test.fails: “${reference}”`);
  }
  if (tests.length === 0 && !reason) faults.push(`${id}: neither a test nor a reason`);
  if (tests.length > 0 && reason) faults.push(`${id}: a reason why there is no test, and a test`);
  if (gap !== undefined && tests.length === 0) faults.push(`${id}: a gap that no test shows`);
  if (!/^https:\/\/a2a-protocol\.org\/v1\.0\.0\/specification\/#[\w-]+$/.test(link)) faults.push(`${id}: ${link}`);
  if (!says.endsWith('.')) faults.push(`${id}: no sentence`);
  return faults;
}

/** `A2A-3.1.10-2` → [3, 1, 10, -1, 2], so that rows sort as sections do; points come last. */
function placeOf(id: string): number[] {
  const [, section = '', number = ''] = /^(?:A2A-)?([\d.]+|P)-(\d+)$/.exec(id) ?? [];
  return [...(section === 'P' ? [99] : section.split('.').map(Number)), -1, Number(number)];
}

function compare(a: string, b: string): number {
  const [left, right] = [placeOf(a), placeOf(b)];
  const at = left.findIndex((each, index) => each !== right[index]);
  return at === -1 ? left.length - right.length : (left[at] ?? 0) - (right[at] ?? 0);
}

test('every row names tests that are there, or says why there is none', () => {
  expect(requirements.flatMap(faultsOf)).toEqual([]);
});

test('ids are unique, well formed and in order', () => {
  const ids = requirements.map(({ id }) => id);
  expect(ids.filter((id) => !/^(A2A-\d+(\.\d+)*|P)-\d+$/.test(id))).toEqual([]);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toEqual([...ids].sort(compare));
});

test('all 23 points and every chapter that binds us are there', () => {
  const ids = new Set(requirements.map(({ id }) => id));
  for (let point = 1; point <= 23; point += 1) expect(ids).toContain(`P-${point}`);
  const chapters = new Set(requirements.flatMap(({ id }) => /^A2A-(\d+)/.exec(id)?.[1] ?? []));
  expect([...chapters].map(Number)).toEqual([3, 4, 5, 7, 8, 9, 10, 11, 13, 14]);
});

test('a gap, and only a gap, is registered with test.fails', () => {
  const gaps = requirements.filter(({ gap }) => gap !== undefined).flatMap(({ tests }) => tests);
  const failing = [...new Set(requirements.flatMap(({ tests }) => tests))].filter((reference) =>
    isThere(named(reference), 'test.fails'),
  );
  expect(failing.sort()).toEqual([...new Set(gaps)].sort());
});

const row: Requirement = {
  id: 'A2A-1-1',
  level: 'MUST',
  link: 'https://a2a-protocol.org/v1.0.0/specification/#x',
  says: 'So it is.',
  binds: 'server',
  tests: [],
};

test.each<{ name: string; change: Partial<Requirement> }>([
  { name: 'that names a test which is not there', change: { tests: ['ledger › never\u00a0written'] } },
  { name: 'that names a file which is not there', change: { tests: ['nowhere › so it is'] } },
  { name: 'with neither test nor reason', change: {} },
  { name: 'with a test and a reason', change: { tests: ['ledger › a row $name is told'], reason: 'none' } },
  { name: 'whose gap is no failing test', change: { tests: ['ledger › a row $name is told'], gap: 'not yet' } },
])('a row $name is told', ({ change }) => {
  expect(faultsOf({ ...row, ...change })).toHaveLength(1);
});
