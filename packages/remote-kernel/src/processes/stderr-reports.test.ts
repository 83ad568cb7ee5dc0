import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createStderrReports } from './stderr-reports.ts';
import { LONGEST_LINE, nothingReported } from './usage-report.ts';

function hear(parts: readonly (string | Buffer)[]) {
  const reports: unknown[] = [];
  let text = '';
  const filter = createStderrReports(
    (report) => reports.push(report),
    (bytes) => {
      text += bytes.toString('latin1');
    },
  );
  for (const part of parts) filter.write(Buffer.from(part));
  const beforeEnd = text;
  filter.end();
  return { reports, text: Buffer.from(text, 'latin1').toString('utf8'), beforeEnd };
}

const progress = (text: string) => ({ status: 'usage', increments: nothingReported, refused: [], progress: text });

test.each<[string, string, unknown[], string]>([
  ['a report is taken out', 'a\n{"progress":"x"}\nb\n', [progress('x')], 'a\nb\n'],
  ['a last one needs no newline', 'a\n{"progress":"x"}', [progress('x')], 'a\n'],
  ['a line of carriage returns is a report too', '{"progress":"x"}\r\n', [progress('x')], ''],
  ['other JSON stays', '{"level":"info","msg":"x"}\n', [], '{"level":"info","msg":"x"}\n'],
  ['a known key in a wrong form stays', '{"progress":0.5}\n{"usage":3}\n', [], '{"progress":0.5}\n{"usage":3}\n'],
  ['a list stays', '[{"progress":"x"}]\n', [], '[{"progress":"x"}]\n'],
  ['what only begins like one stays', '{ not json\n', [], '{ not json\n'],
  ['what follows on the line is no report', 'so: {"progress":"x"}\n', [], 'so: {"progress":"x"}\n'],
  ['empty lines stay', '\n\n{"progress":"x"}\n\n', [progress('x')], '\n\n\n'],
])('%s', (_name, said, reports, text) => {
  expect(hear([said])).toMatchObject({ reports, text });
});

test('a line that cannot be a report is not kept back until it ends', () => {
  expect(hear(['working 10 %']).beforeEnd).toBe('working 10 %');
  expect(hear(['{"prog']).beforeEnd).toBe('');
});

test('an overlong line is text, and the next one is heard', () => {
  const long = `{"progress":"${'x'.repeat(LONGEST_LINE)}"}\n`;
  expect(hear([long, '{"progress":"x"}\n'])).toMatchObject({ reports: [progress('x')], text: long });
});

test('however the bytes are cut, the same is heard', () => {
  const line = fc.constantFrom('{"progress":"ä"}', '{"usage":{"tokensIn":3}}', '{"x":1}', '{', '', 'word ü', '}{');
  fc.assert(
    fc.property(fc.array(line), fc.integer({ min: 1, max: 9 }), fc.boolean(), (lines, step, ended) => {
      const bytes = Buffer.from(lines.join('\n') + (ended ? '\n' : ''));
      const cut = [];
      for (let at = 0; at < bytes.length; at += step) cut.push(bytes.subarray(at, at + step));
      const { reports, text } = hear(cut);
      expect({ reports, text }).toEqual({ reports: hear([bytes]).reports, text: hear([bytes]).text });
      expect(reports).toHaveLength(lines.filter((one) => /^\{"(progress|usage)"/.test(one)).length);
    }),
  );
});
