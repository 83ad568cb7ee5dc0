import pc from 'picocolors';
import { expect, test } from 'vitest';
import { formatTable } from './table.ts';
import { oneLine, printable, printableLine, wantsColor } from './terminal.ts';
import { cutTo, displayWidth } from './text-width.ts';
import { ago, formatBytes, listed, moment } from './words.ts';

const plain = { width: 40, color: pc.createColors(false) };

test('a table stands in columns, and its last one gives way', () => {
  const rows = [
    ['node-1', '12 ms', 'short'],
    ['n', '1.2 s', 'a text that is much longer than its line'],
  ];
  const lines = formatTable(['node', 'took', 'output'], rows, plain, { right: [1], indent: 2 }).split('\n');
  expect(lines).toEqual([
    '  node     took  output',
    '  node-1  12 ms  short',
    '  n       1.2 s  a text that is much lo…',
  ]);
  for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(40);
});

test('where nobody watches nothing is cut', () => {
  const text = 'x'.repeat(300);
  expect(formatTable(['a', 'b'], [['1', text]], { ...plain, width: Number.POSITIVE_INFINITY })).toContain(text);
});

test('colours and wide letters keep the columns straight', () => {
  const color = pc.createColors(true);
  const rows = [
    [color.green('ok'), '1'],
    ['日本', '2'],
  ];
  const [, first = '', second = ''] = formatTable(['a', 'b'], rows, { width: 40, color }).split('\n');
  expect(displayWidth(first)).toBe(displayWidth(second));
});

test.each([
  ['a\u001b[2Jb', 'a�[2Jb'],
  ['a\r\nb\tc', 'a b c'],
  ['\u202egnp.exe', '�gnp.exe'],
  ['  padded ', 'padded'],
])('%j becomes one harmless line', (text, line) => {
  expect(oneLine(text)).toBe(line);
});

test.each([
  ['line\n\ttab\n', 'line\n\ttab\n'],
  ['\u001b[31mred\u001b[0m', '\u001b[31mred\u001b[0m'],
  ['\u001b]0;title\u0007', '�]0;title�'],
  ['\u001b[2J', '�[2J'],
  ['50 %\r100 %\r\n', '50 %\n100 %\n'],
])('of the output %j a terminal gets %j', (text, shown) => {
  expect(printable(text)).toBe(shown);
});

test('a picture keeps the blanks in front of it', () => {
  expect(printableLine('   ^ ')).toBe('   ^');
});

test.each([
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: '1' }, true, false],
  [{ NO_COLOR: '' }, true, true],
  [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
  [{ FORCE_COLOR: '1' }, false, true],
  [{ FORCE_COLOR: '0' }, true, false],
  [{ TERM: 'dumb' }, true, false],
])('with %j, terminal %s, colours are %s', (env, isTty, colors) => {
  expect(wantsColor(env, isTty)).toBe(colors);
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.0 kB'],
  [44_000_000, '44 MB'],
  [25_276_514_304, '25 GB'],
])('%i bytes read %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [-5_000, 'now'],
  [900, 'now'],
  [12_400, '12 s ago'],
  [125_000, '2 min 5 s ago'],
])('a moment %i ms ago reads %s', (ms, text) => {
  const at = '2026-01-01T00:00:00.000Z';
  expect(ago(at, Date.parse(at) + ms)).toBe(text);
});

test.each([
  ['short', 5, 'short'],
  ['longer', 5, 'long…'],
  ['日本語', 4, '日…'],
  ['\u001b[31mlonger\u001b[39m', 5, '\u001b[31mlong…\u001b[39m'],
])('%j within %i columns is %j', (text, width, cut) => {
  expect(cutTo(text, width)).toBe(cut);
});

test('a table cuts what is long, then leaves out what it can do without, and never a number', () => {
  const rows = [['a'.repeat(30), '1,234,567', 'b'.repeat(30), 'c'.repeat(30)]];
  const shown = (width: number, spare: number[] = []) =>
    formatTable(['first', 'count', 'second', 'last'], rows, { ...plain, width }, { right: [1], spare }).split('\n')[1];
  expect(shown(80)).toBe(`${'a'.repeat(23)}…  1,234,567  ${'b'.repeat(28)}…  ${'c'.repeat(11)}…`);
  expect(shown(50)).toContain('1,234,567');
  expect(displayWidth(shown(50) ?? '')).toBe(50);
  expect(shown(30, [2])).not.toContain('b');
});

test('as many names are listed as there is room for', () => {
  expect(listed(['a', 'b'])).toBe('a, b');
  expect(listed(['a', 'b', 'c', 'd', 'e', 'f', 'g'])).toBe('a, b, c, d, e, f and 1 more');
  expect(listed(['aaaa', 'bbbb', 'cccc'], 15)).toBe('aaaa and 2 more');
  expect(listed(['aaaa', 'bbbb', 'cccc'], 5)).toBe('3 nodes');
});

test('a moment of another day stands with its date', () => {
  const at = new Date(2026, 0, 1, 9, 30, 5);
  expect(moment(at.toISOString(), new Date(2026, 0, 1, 23).getTime())).toBe('09:30:05');
  expect(moment(at.toISOString(), new Date(2026, 0, 2, 1).getTime())).toBe('2026-01-01 09:30');
});
