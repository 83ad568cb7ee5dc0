import { DatabaseError } from '@skein/drizzle';
import { expect, test } from 'vitest';
import { exitCodeFor } from './exit-codes.ts';
import { ListenError } from './listener.ts';

test.each([
  [new DatabaseError('FOLDER_IN_USE', 'x'), 6],
  [new DatabaseError('OWNERSHIP_HELD', 'x'), 6],
  [new ListenError('PORT_IN_USE', 'x', undefined), 6],
  [new DatabaseError('PLATFORM_UNSUPPORTED', 'x'), 1],
  [new ListenError('ADDRESS_UNUSABLE', 'x', undefined), 1],
  [new TypeError('x'), 1],
])('a start that fails with %s ends with %i', (cause, code) => {
  expect(exitCodeFor(cause)).toBe(code);
});
