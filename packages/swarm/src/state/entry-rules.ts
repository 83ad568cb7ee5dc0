/** Which entries go into a namespace, and why others do not. Pure: what is held is handed in. */
import { MAX_STATE_COUNTER, type StateEntry, type StateEntryView } from '@skein/contracts';
import { entryBytes, valueBytes } from './entry-bytes.ts';
import type { StateSender } from './namespace.ts';
import type { NamespaceRules } from './namespaces.ts';
import { isPortable } from './portable-value.ts';
import { isLaterEntry, latestOfEach } from './state-rules.ts';
import type { StateSize } from './state-store.ts';

export type HeldEntry = Pick<StateEntryView, 'key' | 'value' | 'deleted' | 'version'>;

export interface HeldState {
  /** What is held of the keys in question, tombstones too. */
  entries: readonly HeldEntry[];
  /** Of the whole namespace. */
  size: StateSize;
}

export interface RefusedEntry {
  key: string;
  reason: string;
}

export interface Judgement {
  /** What is later than what is held, and welcome. */
  news: StateEntry[];
  refused: RefusedEntry[];
}

export function judgeEntries(
  entries: readonly StateEntry[],
  held: HeldState,
  rules: NamespaceRules,
  sender: StateSender,
): Judgement {
  const heldByKey = new Map(held.entries.map((entry) => [entry.key, entry]));
  const size = { ...held.size };
  const news: StateEntry[] = [];
  const refused: RefusedEntry[] = [];
  for (const entry of deletionsFirst(latestOfEach(entries))) {
    const before = heldByKey.get(entry.key);
    if (!isLaterEntry(entry, before)) continue; // known: neither news nor refused
    const after = sizeWith(entry, before, size);
    const reason =
      whyVersionRefused(entry, before, sender) ??
      whyTombstoned(before, size, rules, sender) ??
      whyRefused(entry, { before: size, after }, rules, sender);
    if (reason !== undefined) {
      refused.push({ key: entry.key, reason });
      continue;
    }
    Object.assign(size, after);
    news.push(entry);
  }
  return { news, refused };
}

/** A key that is written every second for a hundred years stays below it. */
const FREE_COUNTER = 2 ** 32;
/** Above that, how far one merge may push a key: whoever wants it at its end has hundreds of millions of merges to go. */
const COUNTER_LEAP = 2 ** 20;

/**
 * A counter far above what is held is no honest writer's, and would leave the others no version to follow it. The node's
 * own program goes on, also from a key that stands at its end.
 */
function whyVersionRefused({ version }: StateEntry, before: HeldEntry | undefined, sender: StateSender) {
  if (sender.isSelf) return undefined;
  if (version.counter >= MAX_STATE_COUNTER) return 'version_out_of_bounds';
  const highest = Math.max(FREE_COUNTER, (before?.version.counter ?? 0) + COUNTER_LEAP);
  return version.counter > highest ? 'version_too_far_ahead' : undefined;
}

/**
 * Whatever is held may go, or a deletion would not spread. So it is the keys that are new here that end where so many
 * deletions are remembered: a deletion of what was never here, and a value that would only be deleted in its turn.
 */
function whyTombstoned(before: HeldEntry | undefined, size: StateSize, rules: NamespaceRules, sender: StateSender) {
  if (before || sender.isSelf) return undefined;
  return size.tombstones >= mostTombstones(rules) ? 'too_many_tombstones' : undefined;
}

/** How many deletions a namespace remembers before it takes no more new keys from others: ten times its entries. */
export function mostTombstones({ maxEntries }: Pick<NamespaceRules, 'maxEntries'>): number {
  return 10 * maxEntries;
}

function whyRefused(
  entry: StateEntry,
  size: { before: StateSize; after: StateSize },
  rules: NamespaceRules,
  sender: StateSender,
): string | undefined {
  if (!('deleted' in entry)) {
    if (valueBytes(entry.value) > rules.maxValueBytes) return 'value_too_large';
    if (!isPortable(entry.value)) return 'value_not_portable';
    // What makes a namespace smaller is welcome even where its bounds were lowered below what it holds.
    if (size.after.entries > Math.max(rules.maxEntries, size.before.entries)) return 'too_many_entries';
    if (size.after.bytes > Math.max(rules.maxBytes, size.before.bytes)) return 'namespace_full';
  }
  return rules.refuse?.(entry, sender);
}

/** A replacement counts its difference alone. */
function sizeWith(entry: StateEntry, before: HeldEntry | undefined, size: StateSize): StateSize {
  const was = before ? sizeOf(before) : nothing;
  const is = sizeOf(entry);
  return {
    entries: size.entries - was.entries + is.entries,
    bytes: size.bytes - was.bytes + is.bytes,
    tombstones: size.tombstones - was.tombstones + is.tombstones,
  };
}

const nothing: StateSize = { entries: 0, bytes: 0, tombstones: 0 };

function sizeOf(entry: StateEntry | HeldEntry): StateSize {
  if ('deleted' in entry && entry.deleted) return { ...nothing, tombstones: 1 };
  return { ...nothing, entries: 1, bytes: entryBytes(entry.key, entry.value) };
}

/** What they free is there for the others. */
function deletionsFirst(entries: readonly StateEntry[]): StateEntry[] {
  return [...entries.filter((entry) => 'deleted' in entry), ...entries.filter((entry) => !('deleted' in entry))];
}

/** Without what somebody holds already, in that version or a later one. */
export function withoutHeld(entries: readonly StateEntry[], heldByKey: ReadonlyMap<string, StateEntry>): StateEntry[] {
  return entries.filter((entry) => {
    const held = heldByKey.get(entry.key);
    return isLaterEntry(entry, held && asHeld(held));
  });
}

function asHeld(entry: StateEntry): HeldEntry {
  return 'deleted' in entry ? entry : { ...entry, deleted: false };
}
