import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, sign as signBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateAgentCardSignature, verifyAgentCardSignature } from '@a2a-js/sdk';
import { AgentCard, AgentCardSignature } from '@skein/contracts/a2a';
import { createFakeClock } from '@skein/contracts/testing';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { createTestCard } from '../testing/test-agent.ts';
import { canonicalAgentCard } from './canonical-card.ts';
import type { CardAlgorithm } from './card-algorithms.ts';
import { createAgentCardSigner, signAgentCard, withSignatures } from './sign-card.ts';
import { verifyAgentCard } from './verify-card.ts';

const edwards = generateKeyPairSync('ed25519');
const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const wideCurve = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const card = createTestCard({
  securitySchemes: { key: { apiKeySecurityScheme: { location: 'header', name: 'x-key' } } },
  securityRequirements: [{ schemes: { key: { list: ['read'] } } }],
});
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const untrusted = (why: string) => ({ code: 'CARD_NOT_TRUSTED', message: expect.stringContaining(why) });
const pin = (key: KeyObject, kid?: string) => ({ key, ...(kid !== undefined && { kid }) });

describe('what is signed is trusted under the pinned key, and under no other', () => {
  const pairs: Record<CardAlgorithm, { privateKey: KeyObject; publicKey: KeyObject }> = {
    EdDSA: edwards,
    Ed25519: edwards,
    ES256: curve,
    ES384: wideCurve,
    PS256: rsa,
    RS256: rsa,
  };
  // The table's keys are the algorithms, which Object.entries does not say.
  test.each(Object.entries(pairs) as [CardAlgorithm, typeof edwards][])(
    '%s',
    async (alg, { privateKey, publicKey }) => {
      const signed = await signAgentCard(card, { key: privateKey, kid: 'k', alg, jku: 'https://never.invalid/jwks' });
      const asJwk = { key: publicKey.export({ format: 'jwk' }), kid: 'k' };
      for (const key of [pin(publicKey, 'k'), asJwk]) {
        const verified = await verifyAgentCard(signed, { keys: [key], algorithms: [alg] });
        expect(verified).toEqual({ kid: 'k', algorithm: alg });
      }
      const others = generateKeyPairSync('ed25519');
      const keys = [pin(others.publicKey, 'k')];
      await expect(verifyAgentCard(signed, { keys, algorithms: [alg] })).rejects.toMatchObject(
        untrusted('signature 1'),
      );
    },
  );
});

test('the golden signatures hold, which other code made with the same keys', async () => {
  const Golden = z.object({
    card: z.looseObject({}),
    canonical: z.string(),
    signatures: z.array(z.object({ alg: z.string(), key: z.looseObject({}), signature: AgentCardSignature })),
  });
  const text = readFileSync(join(import.meta.dirname, 'vectors', 'signed.json'), 'utf8');
  const golden = Golden.parse(JSON.parse(text));
  expect(canonicalAgentCard(golden.card)).toBe(golden.canonical);
  expect(golden.signatures.map(({ alg }) => alg)).toEqual(['EdDSA', 'ES256']);
  for (const { alg, key, signature } of golden.signatures) {
    const signed = { ...golden.card, signatures: [signature] };
    expect(await verifyAgentCard(signed, { keys: [{ key }] })).toEqual({ kid: undefined, algorithm: alg });
    const changed = {
      ...signed,
      securityRequirements: [...z.array(z.unknown()).parse(golden.card.securityRequirements), {}],
    };
    await expect(verifyAgentCard(changed, { keys: [{ key }] })).rejects.toMatchObject(untrusted('does not hold'));
  }
});

describe('a signed card is refused after', async () => {
  const signed = await signAgentCard(card, { key: edwards.privateKey, kid: 'k', alg: 'EdDSA' });
  const keys = [pin(edwards.publicKey, 'k')];
  const [first] = card.supportedInterfaces;
  const [requirement] = card.securityRequirements ?? [];
  test.each<[string, object]>([
    ['a change of its address', { supportedInterfaces: [{ ...first, url: 'http://evil.test/a2a' }] }],
    [
      'a change of a scheme',
      { securitySchemes: { key: { apiKeySecurityScheme: { location: 'query', name: 'x-key' } } } },
    ],
    ['a change of a requirement', { securityRequirements: [{ schemes: { key: { list: ['write'] } } }] }],
    ['an added empty requirement', { securityRequirements: [requirement, {}] }],
    ['a requirement taken away', { securityRequirements: undefined }],
    ['an unknown field', { unknown: '' }],
    ['an unknown field in a message', { capabilities: { ...card.capabilities, unknown: [] } }],
    ['an emptied text', { description: '' }],
  ])('%s', async (_what, change) => {
    const changed: unknown = JSON.parse(JSON.stringify({ ...signed, ...change }));
    await expect(verifyAgentCard(changed, { keys })).rejects.toMatchObject(untrusted('does not hold'));
  });

  test('nothing that means the same', async () => {
    const same = { ...signed, supportedInterfaces: [{ tenant: '', ...first }] };
    expect(await verifyAgentCard(same, { keys })).toEqual({ kid: 'k', algorithm: 'EdDSA' });
  });
});

describe('the algorithm is ours to say', () => {
  const payload = Buffer.from(canonicalAgentCard(card)).toString('base64url');
  const forged = (header: object, sign: (input: string) => string) => {
    const encoded = encode(header);
    return { ...card, signatures: [{ protected: encoded, signature: sign(`${encoded}.${payload}`) }] };
  };
  const secret = edwards.publicKey.export({ format: 'der', type: 'spki' });
  const bySecret = (input: string) => createHmac('sha256', secret).update(input).digest('base64url');
  const byKey = (input: string) => signBytes(null, Buffer.from(input), edwards.privateKey).toString('base64url');

  test.each([
    ['none', forged({ alg: 'none' }, () => ''), '"none" instead of EdDSA or Ed25519 or ES256'],
    ['none, in capitals', forged({ alg: 'NONE' }, () => ''), '"NONE" instead of'],
    ['HS256 with the public key', forged({ alg: 'HS256', kid: 'k' }, bySecret), '"HS256" instead of'],
    ['a wrong name over a good signature', forged({ alg: 'ES256' }, byKey), 'ES256, for which no key is pinned'],
    ['one that is not configured', forged({ alg: 'ES384' }, byKey), '"ES384" instead of'],
    ['none at all', forged({ kid: 'k' }, byKey), 'has a header that is not one'],
    ['a name that every object inherits', forged({ alg: 'toString' }, byKey), '"toString" instead of'],
    ['a name that moves the cursor', forged({ alg: '\u001b[2J' }, byKey), '"\\u{1b}[2J" instead of'],
    [
      'a text for another purpose',
      forged({ alg: 'EdDSA', typ: 'skein-record' }, byKey),
      'has a header that is not one',
    ],
    ['an unknown extension', forged({ alg: 'EdDSA', crit: ['x'], x: 1 }, byKey), 'has a header that is not one'],
    [
      'an unencoded payload',
      forged({ alg: 'EdDSA', crit: ['b64'], b64: false }, byKey),
      'has a header that is not one',
    ],
  ])('%s is refused', async (_what, signed, why) => {
    await expect(verifyAgentCard(signed, { keys: [pin(edwards.publicKey, 'k')] })).rejects.toMatchObject(
      untrusted(why),
    );
  });

  test('the forgeries are refused for their headers: the same with a right one holds', async () => {
    const signed = forged({ alg: 'EdDSA' }, byKey);
    expect(await verifyAgentCard(signed, { keys: [pin(edwards.publicKey)] })).toMatchObject({ algorithm: 'EdDSA' });
  });

  test('an algorithm in the unprotected header counts for nothing', async () => {
    const [signature] = forged({ kid: 'k' }, byKey).signatures;
    const signed = { ...card, signatures: [{ ...signature, header: { alg: 'EdDSA' } }] };
    await expect(verifyAgentCard(signed, { keys: [pin(edwards.publicKey)] })).rejects.toMatchObject(
      untrusted('header'),
    );
  });

  test.each(['none', 'HS256', 'toString'])('nor can %s be configured', async (name) => {
    const algorithms = [name as CardAlgorithm]; // as a program without types would pass it
    const keys = [pin(edwards.publicKey)];
    await expect(verifyAgentCard(card, { keys, algorithms })).rejects.toThrow(/not signed with .*choose among EdDSA/);
    const key = edwards.privateKey;
    expect(() => createAgentCardSigner({ key, kid: 'k', alg: name as CardAlgorithm })).toThrow(/not signed with/);
  });
});

describe('keys', () => {
  const signers = [
    createAgentCardSigner({ key: curve.privateKey, kid: 'old', alg: 'ES256' }),
    createAgentCardSigner({ key: edwards.privateKey, kid: 'new', alg: 'EdDSA' }),
  ];

  test('one good signature among several is enough, which is how keys are rotated', async () => {
    const both = await withSignatures(card, signers);
    for (const [key, kid] of [
      [curve.publicKey, 'old'],
      [edwards.publicKey, 'new'],
    ] as const)
      expect(await verifyAgentCard(both, { keys: [pin(key, kid)] })).toMatchObject({ kid });
    const strange = generateKeyPairSync('ed25519').publicKey;
    const refused = verifyAgentCard(both, { keys: [pin(strange, 'new')] });
    await expect(refused).rejects.toMatchObject(
      untrusted('signature 1 is of ES256, for which no key is pinned; signature 2'),
    );
  });

  test('the kid is a hint: a wrong one hides no good key, and a right one helps no wrong key', async () => {
    const signed = await withSignatures(card, signers.slice(1));
    const strange = generateKeyPairSync('ed25519').publicKey;
    const keys = [pin(strange, 'new'), pin(edwards.publicKey, 'other')];
    expect(await verifyAgentCard(signed, { keys })).toEqual({ kid: 'other', algorithm: 'EdDSA' });
    const twice = [pin(edwards.publicKey, 'other'), pin(edwards.publicKey, 'new')];
    expect(await verifyAgentCard(signed, { keys: twice })).toEqual({ kid: 'new', algorithm: 'EdDSA' });
    await expect(verifyAgentCard(signed, { keys: keys.slice(0, 1) })).rejects.toMatchObject(untrusted('does not hold'));
  });

  test('a key is worth nothing from its hour on', async () => {
    const signed = await withSignatures(card, signers.slice(1));
    const clock = createFakeClock();
    const keys = [{ ...pin(edwards.publicKey), notAfter: '2026-01-01T00:01:00.000Z' }];
    expect(await verifyAgentCard(signed, { keys, clock })).toMatchObject({ algorithm: 'EdDSA' });
    await clock.advance(60_000);
    await expect(verifyAgentCard(signed, { keys, clock })).rejects.toMatchObject(
      untrusted('all pinned keys have expired'),
    );
    const never = [{ ...pin(edwards.publicKey), notAfter: 'soon' }];
    await expect(verifyAgentCard(signed, { keys: never, clock })).rejects.toThrow('no ISO 8601: soon');
  });

  test('secrets are not pinned, and keys sign with what they are for', async () => {
    const secret = { kty: 'oct', k: 'c2VjcmV0' };
    for (const key of [edwards.privateKey, edwards.privateKey.export({ format: 'jwk' }), secret])
      await expect(verifyAgentCard(card, { keys: [{ key }] })).rejects.toThrow('Pin the public key alone');
    const signing = (key: KeyObject, alg: CardAlgorithm) => () => createAgentCardSigner({ key, kid: 'k', alg });
    expect(signing(edwards.privateKey, 'ES256')).toThrow('This key, ed25519, is not one that ES256 signs with');
    expect(signing(wideCurve.privateKey, 'ES256')).toThrow('not one that ES256 signs with');
    expect(signing(edwards.publicKey, 'EdDSA')).toThrow('Cards are signed with a private key');
  });
});

test.each<[string, unknown, string]>([
  ['without signatures', card, 'it is not signed'],
  ['with none', { ...card, signatures: [] }, 'it is not signed'],
  ['with something else', { ...card, signatures: 'x' }, 'not a list'],
  ['with half a signature', { ...card, signatures: [{ protected: 'x' }] }, 'not a list'],
  [
    'with more than anybody needs',
    { ...card, signatures: Array(9).fill({ protected: 'x', signature: 'y' }) },
    'at most 8',
  ],
  [
    'with a header of noise',
    { ...card, signatures: [{ protected: '%', signature: 'y' }] },
    'has a header that is not one',
  ],
  ['that is none', 'card', 'it is no JSON object'],
  ['that is a list', [], 'it is no JSON object'],
  ['that reaches for prototypes', JSON.parse('{"__proto__":{},"signatures":[]}'), 'it has no canonical form'],
])('a card %s is not trusted', async (_what, bad, why) => {
  const keys = [pin(edwards.publicKey)];
  await expect(verifyAgentCard(bad, { keys })).rejects.toMatchObject(untrusted(why));
});

test('where no key is pinned nothing is trusted', async () => {
  await expect(verifyAgentCard(card, { keys: [] })).rejects.toMatchObject(untrusted('no key is pinned'));
});

describe('the official SDK', () => {
  /** The SDK's form leaves security requirements and empty lists out: they agree where a card has neither. */
  const plain = createTestCard({
    skills: [{ id: 's', name: 'S', description: 'd', tags: ['t'] }],
    capabilities: { streaming: false },
    provider: { url: 'https://a.example', organization: 'A' },
  });

  test('verifies what we sign', async () => {
    const signed = await signAgentCard(plain, { key: curve.privateKey, kid: 'k', alg: 'ES256' });
    const verify = verifyAgentCardSignature(async () => curve.publicKey);
    // Its card is its own generated type, and ours a looser one of the same JSON.
    await verify(signed as unknown as Parameters<typeof verify>[0]);
  });

  test('signs what we verify', async () => {
    const sign = generateAgentCardSignature(curve.privateKey, { alg: 'ES256', kid: 'k', typ: 'JOSE' });
    const signed = AgentCard.parse(await sign(plain as unknown as Parameters<typeof sign>[0]));
    const keys = [pin(createPublicKey(curve.privateKey), 'k')];
    expect(await verifyAgentCard(signed, { keys })).toEqual({ kid: 'k', algorithm: 'ES256' });
  });
});
