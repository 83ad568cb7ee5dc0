import { DispatchRequest, StatePutBody } from '@skein/contracts';
import { expect, test } from 'vitest';
import type { z } from 'zod';
import { complaintsOf, dotted } from './complaints.ts';

const anyKind = 'one of execute_task, spawn_agent, query_resources, forward_message, sync_state';

test.each<[z.ZodType, unknown, string]>([
  [DispatchRequest, { kind: 'dance' }, `kind expected ${anyKind}`],
  [DispatchRequest, {}, `kind is missing: expected ${anyKind}`],
  [StatePutBody, {}, 'value is missing: expected text, a number, true or false, null, a list or an object'],
  [StatePutBody, { value: 1, more: 2 }, 'more is not a known key'],
])('what a schema refuses is told in words of our own', (schema, input, told) => {
  const { error } = schema.safeParse(input);
  const complaints = error ? complaintsOf(error, input) : [];
  expect(complaints.map(({ path, message }) => `${dotted(path)} ${message}`)).toEqual([told]);
});
