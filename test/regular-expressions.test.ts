/**
 * SECURITY.md 41: no regular expression of the transport takes more than linear time, whatever it is given. Every literal
 * of its sources is found and held to this, so that a new one is held to it from its first day.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseAst } from 'vitest/node';

const packages = fileURLToPath(new URL('../packages', import.meta.url));
const rooms = [join('a2a-transport', 'src'), join('contracts', 'src', 'a2a')];

interface Literal {
  file: string;
  pattern: string;
  flags: string;
}

function literalsOf(file: string): Literal[] {
  const found: Literal[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if ('regex' in node) found.push({ file, ...(node.regex as Omit<Literal, 'file'>) }); // by ESTree
    for (const child of Object.values(node)) walk(child);
  };
  walk(parseAst(readFileSync(join(packages, file), 'utf8'), { lang: 'ts' }));
  return found;
}

const literals = rooms.flatMap((room) =>
  readdirSync(join(packages, room), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.startsWith('testing'))
    .flatMap((file) => literalsOf(join(room, file))),
);

/** The pattern without what its characters are: classes become `c`, escapes `e`. */
function skeleton(pattern: string): string {
  return pattern.replace(/\\[pu]\{[^}]*\}|\\x[0-9a-f]{2}|\\./gi, 'e').replace(/\[[^\]]*\]/g, 'c');
}
const unbounded = /[*+]|\{\d+,\}/g;

/**
 * Why a pattern may take more than linear time, seen by its form alone: one that has no unbounded quantifier reads a
 * bounded stretch from each place, and one that begins at `^` reads from one place alone.
 */
function suspicionOf(pattern: string): string | undefined {
  const form = skeleton(pattern);
  const quantifiers = form.match(unbounded) ?? [];
  if (quantifiers.length === 0) return undefined;
  if (/\([^()]*(?:[*+]|\{\d+,\})[^()]*\)(?:[*+]|\{\d+,\d*\})/.test(form)) return 'a quantifier within a quantifier';
  if (!form.startsWith('^')) return 'an unbounded quantifier that is tried from every place';
  const alternatives = form.split('|').map((each) => each.match(unbounded)?.length ?? 0);
  return alternatives.some((count) => count > 1) ? 'two unbounded quantifiers in a row' : undefined;
}

test.each([
  ['^(a+)+$', 'a quantifier within a quantifier'],
  ['^(?:a*){1,9}$', 'a quantifier within a quantifier'],
  ['\\/+$', 'an unbounded quantifier that is tried from every place'],
  ['a{2,}b', 'an unbounded quantifier that is tried from every place'],
  ['^\\s*(.*)x$', 'two unbounded quantifiers in a row'],
])('%s is suspected of %s', (pattern, why) => {
  expect(suspicionOf(pattern)).toBe(why);
});

test.each(['^\\d{1,9}$', '\\/{1,8}$', '[*+]', '\\+', '^[a-z]*$', '^(A_.*|B_.*)$'])('%s is not suspected', (pattern) => {
  expect(suspicionOf(pattern)).toBeUndefined();
});

test('the literals are found', () => {
  expect(literals.length).toBeGreaterThan(25);
});

const LENGTH = 100_000;
const pumps = [
  ...['a', 'A', '0', '.', '-', '/', ' ', '\t', '%', '\r', '\n', '_', ':', ';', '*', '[', '\u202e', '\ud800', '\0'],
  ...['1.', '0.', '.localhost', 'localhost.', '1.0', 'v1.', '/a2a', ':80', '\r\n', 'aA0', '-a.', '::ffff:'],
];
const starts = ['', '::ffff:', 'application/json', 'text/html', 'TASK_STATE_', 'W/', 'ERR_TLS_', 'CERT_', '1.0.', 'v1'];
const ends = ['', '\0', '\n!', 'x'];

/** Of the processor's own time, so that a busy machine does not count; a linear one takes a hundredth of it. */
const GENEROUS_MS = 1_000;

describe.each(literals)('/$pattern/$flags of $file', ({ pattern, flags }) => {
  test('is linear by its form', () => {
    expect(suspicionOf(pattern)).toBeUndefined();
  });

  test('takes no time for 100 kB of anything', () => {
    const literal = pattern.replaceAll('\\', '');
    for (const pump of pumps) {
      for (const start of starts.filter((each) => literal.includes(each))) {
        const evil = start + pump.repeat(LENGTH / pump.length) + ends[(pump.length + start.length) % ends.length];
        const before = process.cpuUsage();
        evil.replace(new RegExp(pattern, flags), '');
        const { user, system } = process.cpuUsage(before);
        expect((user + system) / 1_000, JSON.stringify(evil.slice(0, 40))).toBeLessThan(GENEROUS_MS);
      }
    }
  });
});
