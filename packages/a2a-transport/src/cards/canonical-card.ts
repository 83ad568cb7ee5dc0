import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { assertSafeJson, MAX_JSON_DEPTH } from '../json-rpc/safe-json.ts';
import { agentCardFields, type CardMessage } from './card-fields.ts';

/**
 * The text of a card that is signed: A2A's rule of field presence (specification §8.4.1) and then RFC 8785. Two cards
 * have the same text only where A2A means the same by them. Nothing is filled in, and whatever the table of fields does
 * not know stays, so that no addition escapes a signature. Made from the card as it came, before any schema reads it.
 *
 * Throws for what has no such text: keys that reach for prototypes, nesting beyond 64, broken Unicode.
 */
export function canonicalAgentCard(card: object): string {
  assertSafeJson(card, MAX_JSON_DEPTH);
  const text = canonicalize(present(card, agentCardFields));
  if (text === undefined) throw new TypeError('An agent card is a JSON object');
  return text;
}

/** SHA-256 of the card's canonical form in base64url: the same until the card's meaning changes, whoever signs it. */
export function agentCardHash(card: object): string {
  return createHash('sha256').update(canonicalAgentCard(card)).digest('base64url');
}

/** The message without the fields that are not there in A2A's sense. A value of another type than declared stays. */
function present(value: unknown, fields: CardMessage): unknown {
  if (!isObject(value)) return value;
  const kept = Object.entries(value).flatMap(([name, child]): [string, unknown][] => {
    // The message's own fields alone: every object inherits a `toString`, which is no field.
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (!field) return [[name, child]];
    if (field.leftOut || isUnset(child, field.unset)) return [];
    if (field.message) return [[name, present(child, field.message)]];
    if (field.items) return [[name, eachItem(child, field.items)]];
    return [[name, field.values ? eachValue(child, field.values) : child]];
  });
  return Object.fromEntries(kept);
}

function eachItem(value: unknown, fields: CardMessage): unknown {
  return Array.isArray(value) ? value.map((item) => present(item, fields)) : value;
}

function eachValue(value: unknown, fields: CardMessage): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, present(item, fields)]));
}

function isUnset(value: unknown, unset: 'text' | 'flag' | 'list' | 'map' | undefined): boolean {
  if (unset === 'text') return value === '';
  if (unset === 'flag') return value === false;
  if (unset === 'list') return Array.isArray(value) && value.length === 0;
  return unset === 'map' && isObject(value) && Object.keys(value).length === 0;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
