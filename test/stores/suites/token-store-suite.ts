import { describe, expect, test } from 'vitest';
import type { CreateSubject } from '../subject.ts';
import { MINUTE_MS, nodeId } from './samples.ts';

const token = { secretHash: 'f'.repeat(64), tier: 'sudo', group: 'blue', ttlMs: 10 * MINUTE_MS } as const;
const granted = { status: 'granted', tier: 'sudo', group: 'blue' };

export function tokenStoreSuite(name: string, createSubject: CreateSubject): void {
  describe(`token store on ${name}`, () => {
    test('a token grants what was stored, and the same key the same again', async () => {
      await using subject = await createSubject();
      const { tokens } = subject.stores;
      await tokens.create(token);
      expect(await tokens.use(token.secretHash, nodeId(1))).toEqual(granted);
      expect(await tokens.use(token.secretHash, nodeId(1))).toEqual(granted);
      expect(await tokens.use(token.secretHash, nodeId(1), { anew: true })).toEqual({ status: 'used' });
      expect(await tokens.use(token.secretHash, nodeId(2))).toEqual({ status: 'used' });
    });

    test('a token without a group grants none', async () => {
      await using subject = await createSubject();
      const { tokens } = subject.stores;
      await tokens.create({ ...token, group: null });
      expect(await tokens.use(token.secretHash, nodeId(1))).toEqual({ ...granted, group: null });
    });

    test('a token that nobody made is unknown, and one cannot be made twice', async () => {
      await using subject = await createSubject();
      const { tokens } = subject.stores;
      expect(await tokens.use('0'.repeat(64), nodeId(1))).toEqual({ status: 'unknown' });
      await tokens.create(token);
      await expect(tokens.create(token)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    });

    test('a token expires by the clock of the store, but who used it in time may ask again', async () => {
      await using subject = await createSubject();
      const { tokens } = subject.stores;
      const { expiresAt } = await tokens.create(token);
      const later = await tokens.create({ ...token, secretHash: 'e'.repeat(64), ttlMs: 20 * MINUTE_MS });
      expect(Math.abs(later.expiresAt - expiresAt - 10 * MINUTE_MS)).toBeLessThanOrEqual(subject.driftMs);
      await tokens.use('e'.repeat(64), nodeId(1));
      await subject.advance(9 * MINUTE_MS);
      await tokens.create({ ...token, secretHash: 'd'.repeat(64) });
      await subject.advance(2 * MINUTE_MS);
      expect(await tokens.use(token.secretHash, nodeId(1))).toEqual({ status: 'expired' });
      expect(await tokens.use('d'.repeat(64), nodeId(1))).toEqual(granted);
      await subject.advance(20 * MINUTE_MS);
      expect(await tokens.use('e'.repeat(64), nodeId(1))).toEqual(granted);
      expect(await tokens.use('e'.repeat(64), nodeId(2))).toEqual({ status: 'used' });
    });

    test('of fifty keys at once exactly one wins, and it alone is granted again', async () => {
      await using subject = await createSubject();
      const { tokens } = subject.stores;
      await tokens.create(token);
      const keys = Array.from({ length: 50 }, (_, n) => nodeId(n));
      const useAll = () => Promise.all(keys.map((key) => tokens.use(token.secretHash, key)));
      const first = (await useAll()).map(({ status }) => status);
      expect(first.filter((status) => status === 'granted')).toHaveLength(1);
      expect(first.filter((status) => status === 'used')).toHaveLength(49);
      expect((await useAll()).map(({ status }) => status)).toEqual(first);
    });
  });
}
