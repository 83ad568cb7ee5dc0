import { generateKeyPairSync } from 'node:crypto';
import type { AgentCard } from '@skein/contracts/a2a';
import { createFakeClock } from '@skein/contracts/testing';
import { describe, expect, test } from 'vitest';
import { createTestCard } from '../testing/test-agent.ts';
import { agentCardHash } from './canonical-card.ts';
import { type AgentCardPins, holdToPins } from './card-pins.ts';
import { signAgentCard } from './sign-card.ts';

const clock = createFakeClock();
const hold = (card: AgentCard, pins: AgentCardPins) => holdToPins({ json: card, card }, pins, clock);
const speaking = (...versions: string[]) =>
  createTestCard({
    supportedInterfaces: versions.map((protocolVersion) => ({
      url: `http://agent.test/${protocolVersion}`,
      protocolBinding: 'JSONRPC',
      protocolVersion,
    })),
  });

test('where nothing is pinned everything holds', async () => {
  const card = createTestCard();
  expect(await hold(card, {})).toBe(card);
});

test('a pinned hash holds however the card is signed, and refuses a card that means something else', async () => {
  const card = createTestCard();
  const pins = { hash: agentCardHash(card) };
  const { privateKey } = generateKeyPairSync('ed25519');
  const signed = await signAgentCard(card, { key: privateKey, kid: 'k', alg: 'EdDSA' });
  expect(await hold(signed, pins)).toBe(signed);
  const drifted = createTestCard({ name: 'Other' });
  await expect(hold(drifted, pins)).rejects.toMatchObject({
    code: 'CARD_NOT_TRUSTED',
    message: `The agent card is not trusted: it is not the one that was approved: its hash is ${agentCardHash(drifted)} instead of ${pins.hash}`,
  });
});

test.each([
  { version: '1.2.0', why: undefined },
  { version: '1.10.0', why: undefined },
  { version: '1.1.9', why: 'its version "1.1.9" is older than the pinned 1.2.0' },
  { version: '1.2.0-rc.1', why: 'its version "1.2.0-rc.1" is older than' },
  { version: '', why: 'its version "" cannot be compared' },
  { version: '\u001b[2J', why: 'its version "\\u{1b}[2J" cannot be compared' },
])('under a pinned version 1.2.0, one of $version', async ({ version, why }) => {
  const held = hold(createTestCard({ version }), { minVersion: '1.2.0' });
  if (why === undefined) expect(await held).toMatchObject({ version });
  else await expect(held).rejects.toMatchObject({ code: 'CARD_NOT_TRUSTED', message: expect.stringContaining(why) });
});

describe('a peer that is spoken to in 1.0', () => {
  const pins = { protocolVersions: ['1.0'] };
  test.each([
    { offered: ['1.0'], left: ['1.0'] },
    { offered: ['1.0.3'], left: ['1.0.3'] },
    { offered: ['0.3', '1.0'], left: ['1.0'] },
  ])('and offers $offered is spoken to in $left', async ({ offered, left }) => {
    const { supportedInterfaces } = await hold(speaking(...offered), pins);
    expect(supportedInterfaces.map((one) => one.protocolVersion)).toEqual(left);
  });

  test.each([
    { offered: ['0.3'], told: 'offers A2A 0.3 alone instead of 1.0' },
    { offered: ['0.3', '0.2.5'], told: 'offers A2A 0.3, 0.2.5 alone' },
    { offered: ['10'], told: 'offers A2A 10 alone' },
  ])('and offers $offered is refused', async ({ offered, told }) => {
    const refused = hold(speaking(...offered), pins);
    await expect(refused).rejects.toMatchObject({ code: 'CARD_NOT_TRUSTED', message: expect.stringContaining(told) });
  });
});

test('keys and algorithms are held to before anything else is believed', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const signed = await signAgentCard(createTestCard(), { key: privateKey, kid: 'k', alg: 'EdDSA' });
  const keys = [{ key: publicKey }];
  expect(await hold(signed, { keys, minVersion: '1.0.0' })).toBe(signed);
  const why = (text: string) => ({ message: expect.stringContaining(text) });
  await expect(hold(signed, { keys, algorithms: ['ES256'] })).rejects.toMatchObject(why('"EdDSA" instead of ES256'));
  await expect(hold(createTestCard({ version: '0' }), { keys, minVersion: '1' })).rejects.toMatchObject(
    why('not signed'),
  );
});
