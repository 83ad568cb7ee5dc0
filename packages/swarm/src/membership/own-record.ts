/** What a node says of itself: built at each start, signed, and signed again when its life begins anew. */
import type { NodeRecord } from '@skein/contracts';
import canonicalize from 'canonicalize';
import { SwarmError } from '../errors.ts';
import type { NodeIdentity } from '../security/node-identity.ts';
import { signRecord } from '../security/signed-record.ts';
import type { AdmittedNode, NodeStore } from './node-store.ts';

export type SelfDescription = Omit<NodeRecord, 'key' | 'incarnation' | 'recordVersion'>;

export interface OwnRecord {
  current(): AdmittedNode;
  /** Begins a new life above `atLeast`, and signs a record for it. Errors: PEER_NOT_TRUSTED at a leap. */
  renew(atLeast?: number): Promise<AdmittedNode>;
  /** Says something else of the node within this life: signs the next version, where anything changed. Beats carry it. */
  describe(change: Partial<SelfDescription>): AdmittedNode;
}

/** More lives than a node that lost its database can have had since. */
const LONGEST_LEAP = 1_000_000;

export async function createOwnRecord(
  { identity, nodes }: { identity: NodeIdentity; nodes: Pick<NodeStore, 'openIncarnation'> },
  initially: SelfDescription,
): Promise<OwnRecord> {
  let description = initially;

  async function make(atLeast?: number): Promise<AdmittedNode> {
    const incarnation = await nodes.openIncarnation(identity.nodeId, atLeast);
    return signed(incarnation, 1);
  }

  function signed(incarnation: number, recordVersion: number): AdmittedNode {
    const record: NodeRecord = { key: identity.publicKey, ...description, incarnation, recordVersion };
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
    async renew(atLeast = 0) {
      if (atLeast - own.record.incarnation > LONGEST_LEAP)
        throw new SwarmError(
          'PEER_NOT_TRUSTED',
          `this node never had ${atLeast} lives; whoever says so is not believed`,
        );
      own = await make(atLeast);
      return own;
    },
    describe(change) {
      const before = canonicalize(description);
      description = { ...description, ...change };
      const { incarnation, recordVersion } = own.record;
      if (canonicalize(description) !== before) own = signed(incarnation, recordVersion + 1);
      return own;
    },
  };
}
