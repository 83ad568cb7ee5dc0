/** Changes to shared state within somebody's transaction: behind the namespace's lock, read, decided and written. */
import type { NodeId, StateEntry, StateEntryView } from '@skein/contracts';
import { isLaterEntry, latestOfEach, type MergeOutcome, nextVersion, type StateValue } from '@skein/swarm';
import { sharedState } from '../schema/index.ts';
import { lockNamespace } from '../statements/state/lock-namespace.ts';
import { readEntries } from '../statements/state/read-entries.ts';
import { writeEntries } from '../statements/state/write-entries.ts';
import type { Sql } from '../statements/statement.ts';
import { createDecoder, type RawRow } from './decode.ts';

const decode = createDecoder(sharedState);

export function toStateView(row: typeof sharedState.$inferSelect): StateEntryView {
  const { namespace, key, value, deleted, counter, writer: nodeId } = row;
  const updatedAt = new Date(row.updatedAt).toISOString();
  const held = { namespace, key, version: { counter, nodeId }, updatedAt };
  return deleted ? { ...held, deleted } : { ...held, value, deleted };
}

const fromRaw = (raw: RawRow) => toStateView(decode(raw));

export async function mergeEntries(
  tx: Sql,
  nodeId: NodeId,
  namespace: string,
  entries: readonly StateEntry[],
): Promise<MergeOutcome> {
  const revision = await lockNamespace(tx, nodeId, namespace);
  const latest = latestOfEach(entries);
  const keys = latest.map(({ key }) => key);
  const known = new Map((await readEntries(tx, nodeId, namespace, keys)).map(fromRaw).map((held) => [held.key, held]));
  const news = latest.filter((entry) => isLaterEntry(entry, known.get(entry.key)));
  if (news.length > 0) await writeEntries(tx, nodeId, namespace, { entries: news, revision });
  return { merged: news.map(({ key }) => key), revision: revision + news.length };
}

export async function writeEntry(
  tx: Sql,
  nodeId: NodeId,
  namespace: string,
  { key, value }: { key: string; value: StateValue | undefined },
): Promise<StateEntryView> {
  const revision = await lockNamespace(tx, nodeId, namespace);
  const [held] = await readEntries(tx, nodeId, namespace, [key]);
  const version = nextVersion(held && fromRaw(held), nodeId);
  const entry: StateEntry = value === undefined ? { key, deleted: true, version } : { key, value, version };
  const [written] = await writeEntries(tx, nodeId, namespace, { entries: [entry], revision });
  if (!written) throw new Error('an upsert without a row'); // it always returns one
  return fromRaw(written);
}
