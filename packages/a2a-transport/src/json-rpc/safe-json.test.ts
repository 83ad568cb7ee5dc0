import { expect, test } from 'vitest';
import { A2AError } from '../errors.ts';
import { assertSafeJson } from './safe-json.ts';

const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));

test.each([
  { json: '1', safe: true },
  { json: 'null', safe: true },
  { json: '{"a":{"b":[{}]}}', safe: true },
  { json: '{"prototype":1,"__proto":2}', safe: true },
  { json: '"__proto__"', safe: true },
  { json: '{"__proto__":1}', safe: false },
  { json: '{"a":[{"constructor":{}}]}', safe: false },
  { json: '[[{"x":{"__proto__":null}}]]', safe: false },
])('$json is safe: $safe', ({ json, safe }) => {
  const check = () => assertSafeJson(JSON.parse(json), 64);
  if (safe) expect(check).not.toThrow();
  else expect(check).toThrow(A2AError);
});

test('64 levels are allowed, 65 are not, and 100,000 overflow nothing', () => {
  expect(() => assertSafeJson(nested(64), 64)).not.toThrow();
  expect(() => assertSafeJson(nested(65), 64)).toThrow(/64 levels/);
  expect(() => assertSafeJson(nested(100_000), 64)).toThrow(/64 levels/);
});
