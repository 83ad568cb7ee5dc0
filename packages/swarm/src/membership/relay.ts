/** The registry as it travels: entries told to those who beat here, and taken over from a seed that is trusted. */
import type { RegistryChanges, RegistryCursor, RelayedNode } from '@skein/contracts';
import type { Logger } from '@skein/contracts/runtime';
import { readRecord } from '../security/signed-record.ts';
import type { NodeEntry, NodeStore, RelayedEntry } from './node-store.ts';

export async function tellChanges(nodes: NodeStore, cursor: RegistryCursor | undefined): Promise<RegistryChanges> {
  const changes = await nodes.changesSince(cursor);
  return { cursor: changes.cursor, complete: changes.complete, nodes: changes.entries.map(toRelayed) };
}

function toRelayed(entry: NodeEntry): RelayedNode {
  const { signedRecord: record, tier, group, liveness, eligibility, eligibilityVersion, removed } = entry;
  return { record, tier, group, liveness, eligibility, eligibilityVersion, removed };
}

/**
 * Checks each record's own signature: a seed may tell of a node, but cannot speak for it. What fails is left out. Nor
 * can it make a seed of ours: the tier `root` comes from joining alone, so what is told is below it.
 */
export function readRelayed(told: readonly RelayedNode[], logger: Logger): RelayedEntry[] {
  const entries: RelayedEntry[] = [];
  for (const { record: signedRecord, ...facts } of told) {
    try {
      const { nodeId, record } = readRecord(signedRecord);
      entries.push({ id: nodeId, record, signedRecord, ...facts, tier: facts.tier === 'root' ? 'sudo' : facts.tier });
    } catch (cause) {
      logger.warn('a relayed record is not signed by its node', { cause });
    }
  }
  return entries;
}
