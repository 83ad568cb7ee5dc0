import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createOutputLog } from './output-log.ts';

const readAll = async (log: ReturnType<typeof createOutputLog>) => {
  const pieces = [];
  for await (const piece of log) pieces.push(piece);
  return pieces;
};

test('text cut anywhere is given out whole, to readers early and late', async () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 200 });
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.nat({ max: 7 }), { minLength: 1, maxLength: 50 }), async (text, cuts) => {
      const log = createOutputLog(1_000_000);
      const early = readAll(log);
      const bytes = Buffer.from(text);
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const length = (cuts[turn % cuts.length] ?? 0) + 1;
        log.append('stdout', bytes.subarray(at, at + length));
        if (turn % 3 === 0) await Promise.resolve();
        at += length;
      }
      log.end();
      for (const pieces of [await early, await readAll(log)]) expect(pieces.map((p) => p.text).join('')).toBe(text);
      expect(log.textOf('stdout')).toBe(text);
      expect(log.truncated).toBe(false);
    }),
  );
});

test('the streams keep their order and their own half characters', async () => {
  const log = createOutputLog(100);
  const [first, second] = [Buffer.from('ä').subarray(0, 1), Buffer.from('ä').subarray(1)];
  log.append('stdout', Buffer.from('a'));
  log.append('stdout', first);
  log.append('stderr', Buffer.from('!'));
  log.append('stdout', second);
  log.end();
  expect(await readAll(log)).toEqual([
    { stream: 'stdout', text: 'a' },
    { stream: 'stderr', text: '!' },
    { stream: 'stdout', text: 'ä' },
  ]);
});

test('beyond the cap everything is dropped, and a character cut by it is not shown', () => {
  const log = createOutputLog(4);
  log.append('stdout', Buffer.from('abcä'));
  log.append('stderr', Buffer.from('more'));
  log.end();
  expect(log.textOf('stdout')).toBe('abc');
  expect(log.textOf('stderr')).toBe('');
  expect(log.truncated).toBe(true);
});

test('output as long as the cap is not truncated', () => {
  const log = createOutputLog(4);
  log.append('stdout', Buffer.from('abcd'));
  log.append('stdout', Buffer.alloc(0));
  log.end();
  expect(log.textOf('stdout')).toBe('abcd');
  expect(log.truncated).toBe(false);
});

test('a reader that leaves early disturbs nobody', async () => {
  const log = createOutputLog(100);
  log.append('stdout', Buffer.from('a'));
  for await (const piece of log) {
    expect(piece.text).toBe('a');
    break;
  }
  log.append('stdout', Buffer.from('b'));
  log.end();
  expect((await readAll(log)).map((piece) => piece.text)).toEqual(['a', 'b']);
});

test('byte by byte output is held in few pieces', async () => {
  const log = createOutputLog(1_000_000);
  for (let n = 0; n < 100_000; n++) log.append('stdout', Buffer.from('x'));
  log.end();
  expect((await readAll(log)).length).toBeLessThan(50);
});
