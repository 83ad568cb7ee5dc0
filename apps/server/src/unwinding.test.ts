import { createMemoryLogger } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import { createUnwinding } from './unwinding.ts';

test('what began last ends first, each once, and one that fails keeps no other from it', async () => {
  const logger = createMemoryLogger();
  const unwinding = createUnwinding(logger);
  const ended: string[] = [];
  unwinding.defer('first', () => void ended.push('first'));
  unwinding.defer('second', async () => {
    throw new Error('stuck');
  });
  unwinding.defer('third', async () => void ended.push('third'));
  await Promise.all([unwinding.unwind(), unwinding.unwind()]);
  expect(ended).toEqual(['third', 'first']);
  expect(logger.lines).toMatchObject([{ level: 'error', fields: { what: 'second' } }]);
});
