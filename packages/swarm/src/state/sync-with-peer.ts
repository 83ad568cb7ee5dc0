/**
 * Brings two nodes' copies of a namespace together, a page of each at a time. How far both are is remembered in memory
 * alone: beginning anew is always right, and costs only what is told twice.
 */
import {
  type DatabaseId,
  type DispatchInput,
  type NodeId,
  type StateEntry,
  type StateSyncReply,
  SyncStateOutput,
} from '@skein/contracts';
import type { CallOptions } from '../call-options.ts';
import { firstIssue } from '../directives/directive-message.ts';
import type { DispatchResult } from '../directives/dispatch-result.ts';
import { SwarmError } from '../errors.ts';
import { changesPage } from './changes-page.ts';
import { mostTombstones, type RefusedEntry, withoutHeld } from './entry-rules.ts';
import type { StateSender } from './namespace.ts';
import type { NamespaceRules } from './namespaces.ts';
import type { StateIntake } from './state-intake.ts';
import type { StateStore } from './state-store.ts';
import type { Turns } from './turns.ts';

export interface SyncDeps {
  self: NodeId;
  state: Pick<StateStore, 'merge' | 'changesSince'>;
  intake: StateIntake;
  turns: Turns;
  dispatch: (input: DispatchInput, options?: CallOptions) => Promise<DispatchResult>;
}

/** How far two nodes are with a namespace. Zero is the beginning. */
export interface SyncPoint {
  /** The peer's database, which its cursor belongs to; undefined where nothing was heard yet. */
  databaseId: DatabaseId | undefined;
  /** The peer's cursor: what it has told. */
  heard: number;
  /** This node's revision up to which the peer was told. */
  told: number;
}

export const syncStart: SyncPoint = { databaseId: undefined, heard: 0, told: 0 };
/** A database changes when a node is set up anew, not from one answer to the next. */
const MAX_BEGINNINGS = 3;

/**
 * What a sync is worth here, so that no peer keeps one going, or fills this node's memory: entries that it tells, twice what
 * the namespace may hold with its deletions, and exchanges, of which one usually carries hundreds of entries.
 */
function boundsOf(rules: NamespaceRules): { heard: number; rounds: number } {
  const heard = 2 * rules.maxEntries + mostTombstones(rules);
  return { heard, rounds: 100 + Math.ceil(heard / 10) };
}

export async function syncWithPeer(
  deps: SyncDeps,
  rules: NamespaceRules,
  peer: NodeId,
  from: SyncPoint,
  options: CallOptions,
): Promise<{ reply: StateSyncReply; point: SyncPoint }> {
  const sender = await deps.intake.senderOf(peer);
  const peerHas = new Map<string, StateEntry>();
  const refusedHere: RefusedEntry[] = [];
  const refusedThere: RefusedEntry[] = [];
  let point = { ...from };
  const most = boundsOf(rules);
  let [sent, received, heard, beginnings, isPeerDone] = [0, 0, 0, 0, false];
  for (let round = 1; ; round += 1) {
    const page = await nextPage(deps, rules, point.told, peerHas);
    if (page.entries.length === 0 && isPeerDone) {
      point.told = page.cursor;
      break;
    }
    if (round > most.rounds)
      throw syncFailed(peer, rules, `it did not end within ${most.rounds} exchanges`, 'too_long');
    const answer = await ask(deps, rules, peer, page.entries, point.heard, options);
    heard += answer.entries.length;
    if (heard > most.heard)
      throw syncFailed(
        peer,
        rules,
        `it tells of more than ${most.heard} entries, and at most ${rules.maxEntries} may stand here`,
        'too_many_entries',
      );
    sent += answer.merged;
    refusedThere.push(...answer.refused);
    if (point.databaseId !== undefined && answer.databaseId !== point.databaseId) {
      beginnings += 1;
      if (beginnings > MAX_BEGINNINGS) throw syncFailed(peer, rules, 'its database is another one at each answer');
      point = { ...syncStart, databaseId: answer.databaseId };
      peerHas.clear();
      isPeerDone = false;
      continue;
    }
    if (answer.more && answer.cursor <= point.heard) throw syncFailed(peer, rules, 'its cursor does not move');
    point = {
      databaseId: answer.databaseId,
      heard: Math.max(point.heard, answer.cursor),
      told: page.cursor,
    };
    isPeerDone = !answer.more;
    const taken = await takeIn(deps, rules, answer.entries, sender, options);
    received += taken.merged;
    refusedHere.push(...taken.refused);
    for (const entry of answer.entries) peerHas.set(entry.key, entry);
  }
  return {
    reply: { sent, received, refused: [...refusedThere, ...refusedHere] },
    // What was refused may be welcome another time, where there is room again: then it has to be told again.
    point: {
      ...point,
      ...(refusedHere.length > 0 && { heard: 0 }),
      ...(refusedThere.length > 0 && { told: 0 }),
    },
  };
}

/** The next changes that the peer may lack; empty where it was told everything. */
async function nextPage(deps: SyncDeps, rules: NamespaceRules, told: number, peerHas: ReadonlyMap<string, StateEntry>) {
  for (let since = told; ; ) {
    const { entries, cursor, more } = await changesPage(deps, rules.name, since);
    const lacked = withoutHeld(entries, peerHas);
    if (lacked.length > 0 || !more) return { entries: lacked, cursor };
    since = cursor;
  }
}

async function ask(
  { dispatch }: SyncDeps,
  rules: NamespaceRules,
  peer: NodeId,
  entries: StateEntry[],
  since: number,
  options: CallOptions,
): Promise<SyncStateOutput> {
  const payload = { namespace: rules.name, entries, since };
  const result = await dispatch({ kind: 'sync_state', target: peer, payload }, options);
  if (result.status !== 'completed') {
    const { reason = result.status, message = `the directive ended as ${result.status}` } = result.error ?? {};
    throw syncFailed(peer, rules, message, reason);
  }
  const output = SyncStateOutput.safeParse(result.output);
  if (!output.success) throw syncFailed(peer, rules, firstIssue(output.error), 'answer_invalid');
  return output.data;
}

async function takeIn(
  { self, state, intake, turns }: SyncDeps,
  rules: NamespaceRules,
  entries: readonly StateEntry[],
  sender: StateSender,
  { signal }: CallOptions,
): Promise<{ merged: number; refused: RefusedEntry[] }> {
  if (entries.length === 0) return { merged: 0, refused: [] };
  const passOn = await turns.take(rules.name, signal);
  try {
    const { news, refused } = await intake.judge(entries, rules, sender);
    const merged = new Set(news.length > 0 ? (await state.merge(self, rules.name, news)).merged : []);
    intake.tell(
      news.filter(({ key }) => merged.has(key)),
      rules,
      sender,
    );
    return { merged: merged.size, refused };
  } finally {
    passOn();
  }
}

function syncFailed(peer: NodeId, rules: NamespaceRules, why: string, reason = 'answer_invalid'): SwarmError {
  return new SwarmError('SYNC_FAILED', `${rules.name} could not be brought together with ${peer}: ${why}`, {
    metadata: { nodeId: peer, namespace: rules.name, reason },
  });
}
