import { verifyAgentCard } from '@skein/a2a-transport';
import { expect, test } from 'vitest';
import { createCardSigner } from './card-signature.ts';
import { createNodeIdentity, parsePublicKey } from './node-identity.ts';

const card = {
  name: 'node',
  description: '',
  version: '1',
  supportedInterfaces: [{ url: 'http://127.0.0.1:4220/a2a', protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
  capabilities: { streaming: true },
  defaultInputModes: [],
  defaultOutputModes: [],
  skills: [],
};

test('the card holds under the node’s key for whoever checks it as A2A says, and under no other', async () => {
  const identity = createNodeIdentity();
  const signed = { ...card, signatures: [await createCardSigner(identity)(card)] };
  const pinned = (of: typeof identity) => ({ keys: [{ key: parsePublicKey(of.publicKey), kid: of.nodeId }] });
  await expect(verifyAgentCard(signed, pinned(identity))).resolves.toBeDefined();
  await expect(verifyAgentCard(signed, pinned(createNodeIdentity()))).rejects.toMatchObject({
    code: 'CARD_NOT_TRUSTED',
  });
  await expect(verifyAgentCard({ ...signed, name: 'other' }, pinned(identity))).rejects.toThrow();
});

test('it answers within the turn: on a pretend clock no time limit of whoever waits can pass meanwhile', async () => {
  let answered = false;
  createCardSigner(createNodeIdentity())(card).then(() => {
    answered = true;
  });
  await Promise.resolve();
  await Promise.resolve();
  expect(answered).toBe(true);
});
