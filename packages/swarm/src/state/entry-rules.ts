/** Which entries go into a namespace, and why others do not. Pure: what is held is handed in. */
import { MAX_STATE_COUNTER, type StateEntry, type StateEntryView } from '@skein/contracts';
import { entryBytes, valueBytes } from './entry-bytes.ts';
import type { StateSender } from './namespace.ts';
import type { NamespaceRules } from './namespaces.ts';
import { isPortable } from './portable-value.ts';
import { isLaterEntry, latestOfEach } from './state-rules.ts';

export type HeldEntry = Pick<StateEntryView, 'key' | 'value' | 'deleted' | 'version'>;

export interface HeldState {
  /** What is held of the keys in question, tombstones too. */
  entries: readonly HeldEntry[];
  /** Of all live entries of the namespace. */
  size: { entries: number; bytes: number };
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
      whyVersionRefused(entry, before, sender) ?? whyRefused(entry, { before: size, after }, rules, sender);
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

function whyRefused(
  entry: StateEntry,
  size: { before: HeldState['size']; after: HeldState['size'] },
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
function sizeWith(entry: StateEntry, before: HeldEntry | undefined, size: HeldState['size']): HeldState['size'] {
  const was = before && !before.deleted ? { entries: 1, bytes: entryBytes(before.key, before.value) } : nothing;
  const is = 'deleted' in entry ? nothing : { entries: 1, bytes: entryBytes(entry.key, entry.value) };
  return { entries: size.entries - was.entries + is.entries, bytes: size.bytes - was.bytes + is.bytes };
}

const nothing = { entries: 0, bytes: 0 };

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
