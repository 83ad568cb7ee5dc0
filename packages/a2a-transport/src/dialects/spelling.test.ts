import { expect, test } from 'vitest';
import { respellParams } from './spelling.ts';

test.each<{ what: string; given: unknown; plain: unknown }>([
  { what: 'fields of protobuf', given: { task_id: 't', page_size: 1 }, plain: { taskId: 't', pageSize: 1 } },
  {
    what: 'what lies within',
    given: { message: { parts: [{ media_type: 'a' }] } },
    plain: { message: { parts: [{ mediaType: 'a' }] } },
  },
  { what: 'a null', given: { tenant: null, message: { taskId: null } }, plain: { message: {} } },
])('$what is made plain', ({ given, plain }) => {
  expect(respellParams(given)).toStrictEqual(plain);
});

test.each<{ what: string; given: unknown }>([
  {
    what: "users' own fields",
    given: { message: { metadata: { task_id: null }, parts: [{ data: { media_type: null } }] } },
  },
  { what: 'data that is null', given: { message: { parts: [{ data: null }] } } },
  { what: 'a text', given: 'task_id' },
  { what: 'nothing', given: null },
  // Every object has these from its prototype: seen by the fuzzer (seed 5).
  ...['toString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf'].map((name) => ({
    what: `a field named ${name}`,
    given: { [name]: { task_id: null }, message: { [name]: [{}] } },
  })),
])('$what stays as it is', ({ given }) => {
  expect(respellParams(given)).toBe(given);
});
