import type { AgentCard, AgentInterface } from '@skein/contracts/a2a';
import type { Clock } from '@skein/contracts/runtime';
import { agentCardHash } from './canonical-card.ts';
import type { CardAlgorithm } from './card-algorithms.ts';
import { escapeCardText } from './card-text.ts';
import { compareCardVersions } from './card-version.ts';
import { notTrusted, type PinnedCardKey, verifyAgentCard } from './verify-card.ts';

/** What was agreed on when a peer was trusted. Whatever is given has to hold. */
export interface AgentCardPins {
  /** The card is signed by one of them. @default signatures are not looked at */
  keys?: readonly PinnedCardKey[];
  /** The algorithms that are believed. @default EdDSA (also named Ed25519) and ES256 */
  algorithms?: readonly CardAlgorithm[];
  /** `agentCardHash` of the card that was approved: any other is refused until it is approved in turn. */
  hash?: string;
  /** The `version` of the card that was approved: an older card is refused. */
  minVersion?: string;
  /**
   * The versions of A2A in which the peer is spoken to, such as `1.0`. Interfaces of other versions are left out of
   * what is returned, and a card with none left is refused: nobody talks us down to an older protocol.
   */
  protocolVersions?: readonly string[];
}

/**
 * The card, held to the pins: `json` as it came, `card` as it was read.
 * Errors: A2AClientError CARD_NOT_TRUSTED with the first pin that does not hold.
 */
export async function holdToPins(
  { json, card }: { json: object; card: AgentCard },
  pins: AgentCardPins,
  clock: Pick<Clock, 'now'>,
): Promise<AgentCard> {
  const { keys, algorithms, hash, minVersion, protocolVersions } = pins;
  if (keys) await verifyAgentCard(json, { keys, clock, ...(algorithms && { algorithms }) });
  if (hash !== undefined) assertHash(json, hash);
  if (minVersion !== undefined) assertVersion(card.version, minVersion);
  if (!protocolVersions) return card;
  const allowed = new Set(protocolVersions.map(withoutPatch));
  const supportedInterfaces = card.supportedInterfaces.filter((one) => allowed.has(withoutPatch(one.protocolVersion)));
  if (supportedInterfaces.length === 0) throw notTrusted(downgraded(card.supportedInterfaces, protocolVersions));
  return { ...card, supportedInterfaces };
}

function assertHash(json: object, pinned: string): void {
  const hash = agentCardHash(json);
  if (hash !== pinned)
    throw notTrusted(`it is not the one that was approved: its hash is ${hash} instead of ${pinned}`);
}

function assertVersion(version: string, pinned: string): void {
  const order = compareCardVersions(version, pinned);
  const shown = escapeCardText(version.slice(0, 32));
  if (order === undefined) throw notTrusted(`its version "${shown}" cannot be compared with the pinned ${pinned}`);
  if (order < 0) throw notTrusted(`its version "${shown}" is older than the pinned ${pinned}`);
}

function downgraded(interfaces: readonly AgentInterface[], allowed: readonly string[]): string {
  const offered = new Set(interfaces.map((one) => escapeCardText(one.protocolVersion.slice(0, 16))));
  return `it offers A2A ${[...offered].slice(0, 8).join(', ')} alone instead of ${allowed.join(' or ')}`;
}

/** A2A's versions are `major.minor`; a patch number changes nothing. */
function withoutPatch(version: string): string {
  return /^(\d{1,9}\.\d{1,9})\.\d{1,9}$/.exec(version)?.[1] ?? version;
}
