/**
 * How decisions about a node are told apart in time. Each raises the version by one, and a seal to the next full era:
 * above everything that the node can have said of itself before, which is believed within its era only. So no node talks
 * its way out of a seal. What follows a seal is of the seal's era: an admission with new trust spreads it.
 */
import type { Eligibility } from '@skein/contracts';

/** More decisions than there will be about one node between two seals. */
const ERA = 65_536;

const eraOf = (version: number): number => Math.floor(version / ERA);

/** A node that ends and starts again says three things by itself: draining, drained, eligible. */
const BY_ITSELF = 3;

/**
 * The version of a decision that changes something. One that is made `elsewhere`, because the node does not answer, is
 * above what the node may say by itself before it hears of it.
 */
export function decidedVersion(version: number, to: Eligibility, { elsewhere = false } = {}): number {
  if (to === 'sealed') return (eraOf(version) + 1) * ERA;
  return version + 1 + (elsewhere ? BY_ITSELF : 0);
}

interface Word {
  eligibility: Eligibility;
  version: number;
}

/**
 * What a node may say of itself: anything within the era that is known, and at any time that it is sealed. Where it is
 * held to be sealed it says nothing else: others lift that, who let it in with a token.
 */
export function isCredible(word: Word, known: Word): boolean {
  if (word.eligibility === 'sealed') return eraOf(word.version) <= eraOf(known.version) + 1;
  return known.eligibility !== 'sealed' && eraOf(word.version) <= eraOf(known.version);
}

const severity = { eligible: 0, draining: 1, drained: 2, sealed: 3 } as const satisfies Record<Eligibility, number>;

/** The higher version holds; of two that were decided at once the one that gives less work, in whichever order they are heard. */
export function supersedes(told: Word, known: Word): boolean {
  if (told.version !== known.version) return told.version > known.version;
  return severity[told.eligibility] > severity[known.eligibility];
}
