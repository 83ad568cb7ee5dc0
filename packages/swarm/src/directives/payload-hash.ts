/** What makes two sends of one id the same directive: its substance, never its attempt or its remaining time. */
import { createHash } from 'node:crypto';
import type { DirectiveId, EffectClass, Order } from '@skein/contracts';
import canonicalize from 'canonicalize';

export interface Substance {
  order: Order;
  effect: EffectClass;
  parentDirectiveId: DirectiveId | null;
}

/** SHA-256 over the canonical JSON (RFC 8785) of kind, payload, effect class and parent: hex. */
export function payloadHash({ order, effect, parentDirectiveId }: Substance): string {
  const text = canonicalize({ kind: order.kind, payload: order.payload, effect, parent: parentDirectiveId });
  if (text === undefined) throw new TypeError('an order is always JSON');
  return createHash('sha256').update(text).digest('hex');
}
