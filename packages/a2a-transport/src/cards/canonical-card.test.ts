import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { createTestCard } from '../testing/test-agent.ts';
import { agentCardHash, canonicalAgentCard } from './canonical-card.ts';
import { agentCardFields } from './card-fields.ts';

const Vectors = z.array(
  z.object({ name: z.string(), card: z.looseObject({}), canonical: z.string(), sha256: z.string() }),
);
const vectors = Vectors.parse(JSON.parse(readFileSync(join(import.meta.dirname, 'vectors', 'canonical.json'), 'utf8')));

test.each(vectors)('canonical form: $name', ({ card, canonical, sha256 }) => {
  expect(canonicalAgentCard(card)).toBe(canonical);
  expect(agentCardHash(card)).toBe(sha256);
  expect(canonicalAgentCard(JSON.parse(canonical))).toBe(canonical);
});

describe('the form changes with', () => {
  const requirement = { schemes: { key: { list: ['read'] } } };
  const card = createTestCard({ securityRequirements: [requirement], securitySchemes: { key: {} } });
  const form = canonicalAgentCard(card);
  const [first] = card.supportedInterfaces;

  test.each<[string, object]>([
    ['another address', { supportedInterfaces: [{ ...first, url: 'http://evil.test/a2a' }] }],
    ['another scheme', { securitySchemes: { key: { mtlsSecurityScheme: {} } } }],
    ['a scheme more', { securitySchemes: { key: {}, other: {} } }],
    ['an empty requirement more, which asks for nothing', { securityRequirements: [requirement, {}] }],
    ['no requirement', { securityRequirements: [] }],
    ['another scope', { securityRequirements: [{ schemes: { key: { list: ['write'] } } }] }],
    ['an unknown field', { unknown: '' }],
    ['an unknown field that every object inherits', { valueOf: '' }],
    ['an unknown field of null', { unknown: null }],
    ['an unknown field far down', { supportedInterfaces: [{ ...first, unknown: [] }] }],
  ])('%s', (_what, change) => {
    expect(canonicalAgentCard({ ...card, ...change })).not.toBe(form);
  });
});

test.each<[string, string]>([
  ['a key that reaches for prototypes', '{"__proto__":{"x":1}}'],
  ['another of them', '{"provider":{"constructor":1}}'],
  ['half a character', '{"name":"\\ud800"}'],
  ['bottomless nesting', `${'{"x":'.repeat(20_000)}1${'}'.repeat(20_000)}`],
])('%s has no canonical form', (_what, json) => {
  expect(() => canonicalAgentCard(JSON.parse(json))).toThrow();
});

test('neither the order of keys nor the signatures are part of the form, and everything unknown is', () => {
  const unknownName = fc.string({ unit: 'grapheme' }).filter((name) => !Object.hasOwn(agentCardFields, name));
  const names = unknownName.filter((name) => name !== '__proto__' && name !== 'constructor');
  const card = fc.dictionary(names, fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.constant([])), {
    noNullPrototype: true,
  });
  fc.assert(
    fc.property(card, (extra) => {
      const forward = { ...createTestCard(), ...extra };
      const backward = Object.fromEntries(Object.entries(forward).reverse());
      const form = canonicalAgentCard(forward);
      expect(canonicalAgentCard({ ...backward, signatures: [] })).toBe(form);
      expect(JSON.parse(form)).toMatchObject(extra);
    }),
    { numRuns: 200 },
  );
});
