/** A node's record under its own signature: relayed by anyone, changed by nobody. */
import { type NodeId, NodeRecord } from '@skein/contracts';
import { SwarmError } from '../errors.ts';
import { type NodeIdentity, nodeIdOf, parsePublicKey } from './node-identity.ts';
import { peek, sign, verify } from './signed.ts';

export interface VerifiedRecord {
  nodeId: NodeId;
  record: NodeRecord;
  signedRecord: string;
}

export function signRecord(identity: NodeIdentity, record: NodeRecord): string {
  return sign(identity, 'skein-record', record);
}

/** The record and who it speaks for. Errors: INVALID_SIGNATURE (also where the shape is not a record's). */
export function readRecord(signedRecord: string): VerifiedRecord {
  const claimed = NodeRecord.safeParse(peek(signedRecord).payload);
  if (!claimed.success)
    throw new SwarmError('INVALID_SIGNATURE', 'the signed text is not a node record', { cause: claimed.error });
  verify(signedRecord, 'skein-record', parsePublicKey(claimed.data.key));
  return { nodeId: nodeIdOf(claimed.data.key), record: claimed.data, signedRecord };
}
