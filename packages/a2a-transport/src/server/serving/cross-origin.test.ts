import { expect, test } from 'vitest';
import { createCrossOrigin } from './cross-origin.ts';

const page = 'https://app.example';

test.each([
  { origin: undefined, method: 'POST', answer: undefined, mayRead: undefined },
  { origin: page, method: 'POST', answer: undefined, mayRead: page },
  { origin: page, method: 'OPTIONS', answer: 204, mayRead: page },
  { origin: 'http://localhost:5173', method: 'GET', answer: undefined, mayRead: 'http://localhost:5173' },
  { origin: 'http://app.example', method: 'POST', answer: 403, mayRead: undefined },
  { origin: 'https://app.example:8443', method: 'POST', answer: 403, mayRead: undefined },
  { origin: 'https://evil.example', method: 'OPTIONS', answer: 403, mayRead: undefined },
  { origin: 'null', method: 'POST', answer: 403, mayRead: undefined },
  { origin: '', method: 'POST', answer: 403, mayRead: undefined },
])('$method from $origin: $answer', ({ origin, method, answer, mayRead }) => {
  const set = new Map<string, unknown>();
  const response = {
    setHeader(name: string, value: unknown) {
      set.set(name, value);
      return this as never; // chained by nobody here
    },
  };
  const rule = createCrossOrigin([page, 'http://localhost:5173']);
  expect(rule.answer({ headers: { ...(origin !== undefined && { origin }) }, method }, response)).toBe(answer);
  expect(set.get('Access-Control-Allow-Origin')).toBe(mayRead);
});

test.each(['*', 'null', 'app.example', 'https://app.example/'])('%j cannot be allowed', (origin) => {
  expect(() => createCrossOrigin([origin])).toThrow('is no origin');
});
