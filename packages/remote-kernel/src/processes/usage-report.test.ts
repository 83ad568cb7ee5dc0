import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addReported, createLineSplitter, nothingReported, parseReportLine } from './usage-report.ts';

test.each([
  [
    '{"usage":{"tokensIn":3,"tokensOut":4,"costMicroUsd":5,"toolCalls":6}}',
    { tokensIn: 3, tokensOut: 4, costMicroUsd: 5, toolCalls: 6 },
    [],
  ],
  ['{"usage":{"tokensIn":3,"model":"x"},"at":1}', { tokensIn: 3 }, []],
  ['{"usage":{}}', {}, []],
  ['{"usage":{"tokensIn":-1,"toolCalls":2}}', { toolCalls: 2 }, ['tokensIn']],
  ['{"usage":{"tokensIn":1e999}}', {}, ['tokensIn']],
  ['{"usage":{"costMicroUsd":0.5}}', {}, ['costMicroUsd']],
  ['{"usage":{"tokensIn":"3"}}', {}, ['tokensIn']],
  ['{"usage":{"__proto__":{"tokensIn":3}}}', {}, []],
])('%s is understood', (line, increments, refused) => {
  expect(parseReportLine(line)).toEqual({
    status: 'usage',
    increments: { ...nothingReported, ...increments },
    refused,
  });
});

test.each([
  ['{"progress":"half of it"}', 'half of it', []],
  ['{"progress":" a\\tb\\r\\nc \\u0007\\u001b[31m\\u0085\\u202e"}', 'a b c [31m', []],
  [`{"progress":"${'ä'.repeat(600)}"}`, 'ä'.repeat(500), []],
  [`{"progress":"${'🧵'.repeat(600)}"}`, '🧵'.repeat(500), []],
  ['{"progress":"\\ud800x"}', 'x', []],
  ['{"progress":""}', '', []],
  ['{"progress":"x","usage":[]}', 'x', ['usage']],
  ['{"progress":3,"usage":{}}', undefined, ['progress']],
])('the progress of %s is read', (line, progress, refused) => {
  const report = parseReportLine(line);
  expect(report).toEqual({
    status: 'usage',
    increments: nothingReported,
    refused,
    ...(progress !== undefined && { progress }),
  });
});

test.each([
  '',
  'x',
  '1',
  'null',
  '[]',
  '{}',
  '{"usage":1}',
  '{"usage":null}',
  '{"usage":[1]}',
  '{"tokensIn":3}',
  '{"progress":3}',
  '{"usage":1,"progress":null}',
])('%j is malformed', (line) => {
  expect(parseReportLine(line)).toEqual({ status: 'malformed' });
});

test('sums stay whole numbers', () => {
  const most = { ...nothingReported, tokensIn: Number.MAX_SAFE_INTEGER };
  expect(addReported(most, most).tokensIn).toBe(Number.MAX_SAFE_INTEGER);
});

test('lines come out as they went in, however the bytes were cut', () => {
  const line = fc
    .string({ unit: 'grapheme', maxLength: 20 })
    .filter((text) => text.trim() !== '' && !text.includes('\n'));
  fc.assert(
    fc.property(fc.array(line), fc.integer({ min: 1, max: 9 }), (lines, step) => {
      const heard: (string | undefined)[] = [];
      const splitter = createLineSplitter((line) => heard.push(line));
      const bytes = Buffer.from(lines.join('\n'));
      for (let at = 0; at < bytes.length; at += step) splitter.write(bytes.subarray(at, at + step));
      splitter.end();
      expect(heard).toEqual(lines);
    }),
  );
});

test('an overlong line is passed over as one, and the next is heard', () => {
  const heard: (string | undefined)[] = [];
  const splitter = createLineSplitter((line) => heard.push(line));
  for (let n = 0; n < 100; n++) splitter.write(Buffer.alloc(1000, 'x'));
  splitter.write(Buffer.from('\nnext\n\n'));
  splitter.end();
  expect(heard).toEqual([undefined, 'next']);
});
