/**
 * A node's signature under its agent card, as A2A has it (a JWS in parts over the card's canonical form), by the
 * runtime's own Ed25519: it answers at once, for the reasons of docs/adr/0010.
 */
import { sign as signBytes } from 'node:crypto';
import { type AgentCardSigner, canonicalAgentCard } from '@skein/a2a-transport';
import type { NodeIdentity } from './node-identity.ts';

export function createCardSigner({ nodeId, privateKey }: NodeIdentity): AgentCardSigner {
  const header = encode(JSON.stringify({ alg: 'EdDSA', typ: 'JOSE', kid: nodeId }));
  return async (card) => {
    const signed = `${header}.${encode(canonicalAgentCard(card))}`;
    return { protected: header, signature: signBytes(null, Buffer.from(signed), privateKey).toString('base64url') };
  };
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64url');
}
