/** Things to store, each valid, each different from the last where its id says so. */
import { randomUUID } from 'node:crypto';
import {
  BroadcastId,
  DatabaseId,
  DirectiveId,
  type DirectiveResult,
  type EligibilityNote,
  type FinalStatus,
  MailId,
  NodeId,
  type NodeMetrics,
  type NodeRecord,
  noUsage,
  type Placement,
} from '@skein/contracts';
import type { AdmittedNode, Arrival, NewDirective, NewMail } from '@skein/swarm';

export const TTL_MS = 600_000;
export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;

/** The node of this number. */
export function nodeId(n: number): NodeId {
  const letters = n.toString(26).replace(/[0-9a-p]/g, (digit) => String.fromCharCode(97 + Number.parseInt(digit, 26)));
  return NodeId.parse(letters.padStart(26, 'a'));
}

export const sender = nodeId(1);
export const receiver = nodeId(2);
export const stranger = nodeId(3);

export const newId = () => DirectiveId.parse(randomUUID());
export const newBroadcastId = () => BroadcastId.parse(randomUUID());
export const newDatabaseId = () => DatabaseId.parse(randomUUID());

/** Values that a careless column gives back as something else. */
const order = {
  kind: 'execute_task',
  payload: { tool: 'echo', args: { text: '42', number: 42, nul: 'a\0b', nested: [null, true, { deep: 'é' }] } },
} as const satisfies NewDirective['order'];

export function newDirective(own: Partial<NewDirective> = {}): NewDirective {
  return {
    id: newId(),
    sourceNodeId: sender,
    targetNodeId: receiver,
    order,
    payloadHash: 'a'.repeat(64),
    priority: 'normal',
    effect: 'amo',
    ttlMs: TTL_MS,
    parentDirectiveId: null,
    broadcastId: null,
    placement: null,
    ...own,
  };
}

export function newArrival(own: Partial<Arrival> = {}): Arrival {
  const { ttlMs: remainingMs, broadcastId: _, placement: __, ...directive } = newDirective();
  return { ...directive, rowId: randomUUID(), remainingMs, refusal: null, ...own };
}

export function resultOf<S extends FinalStatus>(status: S, own: Partial<DirectiveResult> = {}) {
  const metrics = { ...noUsage, tokensIn: 7, durationMs: 12 };
  const result: DirectiveResult & { status: S } = { metrics, started: true, ...own, status };
  const error = { reason: `${status}_by_test`, message: 'as the test wants it' };
  return status === 'completed' ? { ...result, output: '42' } : { error, ...result };
}

export const metrics: NodeMetrics = {
  cpuPercent: 12.5,
  memoryUsedBytes: 1_000,
  memoryTotalBytes: 8_000_000_000_000,
  diskUsedBytes: 3,
  diskTotalBytes: 4,
  activeProcesses: 1,
  runningDirectives: 2,
  queuedDirectives: 3,
  ...noUsage,
  uptimeMs: 5,
};

function newRecord(n: number, own: Partial<NodeRecord> = {}): NodeRecord {
  return {
    key: `key-${n}`,
    name: `node-${n}`,
    addresses: ['http://127.0.0.1:4220'],
    kinds: ['query_resources'],
    capabilities: ['42'],
    labels: { zone: '7' },
    capacity: 4,
    incarnation: 1,
    recordVersion: 1,
    ...own,
  };
}

export function newNode(n: number, own: Partial<NodeRecord> = {}): AdmittedNode {
  const record = newRecord(n, own);
  const signedRecord = `signed.${n}.${record.incarnation}.${record.recordVersion}`;
  return { id: nodeId(n), record, signedRecord, tier: 'unprivileged', group: null };
}

export function newPlacement(own: Partial<Placement> = {}): Placement {
  return {
    selector: { group: 'gpu', labels: { zone: '7' } },
    nodeId: receiver,
    ...{ matching: 3, eligible: 2, running: 1, capacity: 4, queued: 5, latencyMs: 1.5, moves: 0 },
    ...own,
  };
}

export function newNote(own: Partial<EligibilityNote> = {}): EligibilityNote {
  const since = '2026-01-02T03:04:05.678Z';
  return { reason: 'disk change', actor: sender, origin: 'operator', since, deadlineAt: null, force: false, ...own };
}

/** For the receiver's session `inbox`. */
export function newMail(own: Partial<NewMail> = {}): NewMail {
  const id = MailId.parse(randomUUID());
  return {
    id,
    nodeId: receiver,
    recipient: { session: 'inbox' },
    contextId: null,
    message: { messageId: id, role: 'ROLE_USER', parts: [{ text: 'hello' }] },
    provenance: { origin: 'forwarded', sourceNodeId: sender, directiveId: null },
    key: id,
    ...own,
  };
}
