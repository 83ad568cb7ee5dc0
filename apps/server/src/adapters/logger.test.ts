import { expect, test } from 'vitest';
import { createLogger } from './logger.ts';

function setUp(readable: boolean) {
  const lines: string[] = [];
  const output = { write: (line: string) => lines.push(line) > 0 };
  return { lines, logger: createLogger(output, { level: 'info', name: 'node-1', readable }) };
}

test('a line is JSON with its level in words, and what is below the level is not said', () => {
  const { lines, logger } = setUp(false);
  logger.debug('unsaid');
  logger.child({ seed: 'http://a' }).warn('a seed does not answer', { attempt: 2 });
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      level: 'warn',
      time: expect.any(String),
      node: 'node-1',
      seed: 'http://a',
      attempt: 2,
      message: 'a seed does not answer',
    },
  ]);
});

test('secrets are struck out, wherever they come', () => {
  const { lines, logger } = setUp(false);
  logger.info('x', { token: 'secret', headers: { authorization: 'secret' }, databaseUrl: 'secret' });
  logger.child({ joinToken: 'secret' }).info('y');
  expect(lines.join('')).not.toContain('"secret"');
});

test('an error is told with its code, under whatever name it comes', () => {
  const { lines, logger } = setUp(false);
  logger.error('x', { cause: Object.assign(new Error('why'), { code: 'EWHY' }) });
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    cause: { message: 'why', code: 'EWHY', stack: expect.any(String) },
  });
});

test('a person gets a line to read', () => {
  const { lines, logger } = setUp(true);
  logger.error('something failed', { cause: new Error('why'), attempt: 2, at: { a: 1 } });
  expect(lines[0]).toMatch(
    /^\d\d:\d\d:\d\d\.\d{3} error something failed {2}cause=why {2}attempt=2 {2}at=\{"a":1\}\n$/,
  );
});
