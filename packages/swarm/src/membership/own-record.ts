/** What a node says of itself: built at each start, signed, and signed again when its life begins anew. */
import type { NodeRecord } from '@skein/contracts';
import type { NodeIdentity } from '../security/node-identity.ts';
import { signRecord } from '../security/signed-record.ts';
import type { AdmittedNode, NodeStore } from './node-store.ts';

export type SelfDescription = Omit<NodeRecord, 'key' | 'incarnation' | 'recordVersion'>;

export interface OwnRecord {
  current(): AdmittedNode;
  /** Begins a new life above `atLeast`, and signs a record for it. */
  renew(atLeast?: number): Promise<AdmittedNode>;
}

export async function createOwnRecord(
  { identity, nodes }: { identity: NodeIdentity; nodes: Pick<NodeStore, 'openIncarnation'> },
  description: SelfDescription,
): Promise<OwnRecord> {
  async function make(atLeast?: number): Promise<AdmittedNode> {
    const incarnation = await nodes.openIncarnation(identity.nodeId, atLeast);
    const record: NodeRecord = { key: identity.publicKey, ...description, incarnation, recordVersion: 1 };
    return {
      id: identity.nodeId,
      record,
      signedRecord: signRecord(identity, record),
      tier: 'root', // at home every node has all rights; elsewhere it has those that its admission granted
      group: description.group ?? null,
    };
  }
  let own = await make();
  return {
    current: () => own,
    async renew(atLeast) {
      own = await make(atLeast);
      return own;
    },
  };
}
