/** Which of two versions of an entry stays: the rules that both stores of shared state ask. */
import {
  compareVersions,
  type NodeId,
  type StateEntry,
  type StateEntryView,
  type StateVersion,
} from '@skein/contracts';

/** The counter's bound; what is taken from others stays below it. */
const MAX_COUNTER = 2 ** 48;

type Version = Pick<StateEntryView, 'value' | 'deleted' | 'version'>;

/**
 * Whether it replaces what is known. A node that came back from a backup may give out a version a second time, with
 * another value: then a tombstone, else the greater JSON text, so that everybody still comes to hold the same.
 */
export function isLaterEntry(entry: StateEntry, known: Version | undefined): boolean {
  if (!known) return true;
  const order = compareVersions(entry.version, known.version);
  if (order !== 0) return order > 0;
  if (known.deleted) return false;
  return 'deleted' in entry || JSON.stringify(entry.value) > JSON.stringify(known.value);
}

/** Of each key the latest version alone: what one merge has to look at. */
export function latestOfEach(entries: readonly StateEntry[]): StateEntry[] {
  const latest = new Map<string, StateEntry>();
  for (const entry of entries) {
    const known = latest.get(entry.key);
    if (isLaterEntry(entry, known && versionOf(known))) latest.set(entry.key, entry);
  }
  return [...latest.values()];
}

/** Above every version seen of the key. */
export function nextVersion(known: Version | undefined, nodeId: NodeId): StateVersion {
  return { counter: Math.min((known?.version.counter ?? 0) + 1, MAX_COUNTER), nodeId };
}

function versionOf(entry: StateEntry): Version {
  const { version } = entry;
  return 'deleted' in entry ? { deleted: true, version } : { deleted: false, value: entry.value, version };
}
