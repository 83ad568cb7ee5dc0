import { generateKeyPairSync } from 'node:crypto';
import { NodeId } from '@skein/contracts';
import { CompactSign, compactVerify } from 'jose';
import { expect, test } from 'vitest';
import { SwarmError } from '../errors.ts';
import { base32 } from './base32.ts';
import { createNodeIdentity, importNodeIdentity, nodeIdOf, parsePublicKey } from './node-identity.ts';
import { peek, sign, verify } from './signed.ts';
import { readRecord, signRecord } from './signed-record.ts';

test.each([
  ['', ''],
  ['f', 'my'],
  ['fo', 'mzxq'],
  ['foo', 'mzxw6'],
  ['foobar', 'mzxw6ytboi'],
])('base32 of %j is %j, as in RFC 4648', (text, expected) => {
  expect(base32(new TextEncoder().encode(text))).toBe(expected);
});

test('an identity survives its file, and its id follows from its key alone', () => {
  const identity = createNodeIdentity();
  const again = importNodeIdentity(identity.exportPem());
  expect(again.nodeId).toBe(identity.nodeId);
  expect(nodeIdOf(identity.publicKey)).toBe(identity.nodeId);
  expect(NodeId.safeParse(identity.nodeId).success).toBe(true);
  expect(createNodeIdentity().nodeId).not.toBe(identity.nodeId);
});

test('a file that holds no Ed25519 key is refused with the reason', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'pem', type: 'pkcs8' });
  expect(() => importNodeIdentity(String(rsa))).toThrow(/Ed25519 key, not rsa/);
  expect(() => importNodeIdentity('nonsense')).toThrow(/does not hold a private key/);
});

test('a public key has one spelling: padding or trailing bytes would be another id for the same key', () => {
  const { publicKey } = createNodeIdentity();
  const padded = Buffer.concat([Buffer.from(publicKey, 'base64url'), Buffer.from([0])]).toString('base64url');
  expect(() => parsePublicKey(padded)).toThrow();
  expect(() => parsePublicKey(`${publicKey}=`)).toThrow();
});

test('a text signed for one purpose is worth nothing for another', async () => {
  const identity = createNodeIdentity();
  const key = parsePublicKey(identity.publicKey);
  const proof = sign(identity, 'skein-proof', { nonce: 'n' });
  expect(verify(proof, 'skein-proof', key)).toEqual({ nonce: 'n' });
  expect(() => verify(proof, 'skein-join', key)).toThrow(SwarmError);
});

test('a record speaks for the key that it holds, and for no other', async () => {
  const [mine, other] = [createNodeIdentity(), createNodeIdentity()];
  const record = {
    ...{ key: mine.publicKey, name: 'n', addresses: ['http://127.0.0.1:1'], kinds: [], capabilities: [], labels: {} },
    ...{ capacity: 1, incarnation: 1, recordVersion: 1 },
  };
  expect(readRecord(signRecord(mine, record)).nodeId).toBe(mine.nodeId);
  // Signed by another key than the record names: a forgery.
  expect(() => readRecord(signRecord(other, record))).toThrow(SwarmError);
  expect(() => peek('no jws')).toThrow();
});

test('our signed texts are JWS as others read and write it', async () => {
  const identity = createNodeIdentity();
  const key = parsePublicKey(identity.publicKey);
  const ours = sign(identity, 'skein-proof', { nonce: 'n' });
  const read = await compactVerify(ours, key);
  expect(JSON.parse(new TextDecoder().decode(read.payload))).toEqual({ nonce: 'n' });
  const theirs = await new CompactSign(new TextEncoder().encode('{"nonce":"m"}'))
    .setProtectedHeader({ alg: 'EdDSA', typ: 'skein-proof' })
    .sign(identity.privateKey);
  expect(verify(theirs, 'skein-proof', key)).toEqual({ nonce: 'm' });
});

test.each(['', 'a', 'a.b', 'a.b.c', '..', 'e30.e30.', 'bnVsbA.e30.e30', 'e30.e30.e30.e30'])('%j is no JWS', (text) => {
  const { publicKey } = createNodeIdentity();
  expect(() => verify(text, 'skein-proof', parsePublicKey(publicKey))).toThrow(SwarmError);
});
