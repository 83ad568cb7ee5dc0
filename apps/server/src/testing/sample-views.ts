/** One of each thing that REST tells of, for tests to bend. */
import {
  AgentId,
  type AgentView,
  type BroadcastDetail,
  BroadcastId,
  DirectiveId,
  type DirectiveView,
  type EligibilityView,
  type Mail,
  MailId,
  NodeId,
  type NodeView,
  noUsage,
  type StateEntryView,
} from '@skein/contracts';

export const NODE = NodeId.parse('aaaaaaaaaaaaaaaaaaaaaaaaaa');
export const OTHER = NodeId.parse('bbbbbbbbbbbbbbbbbbbbbbbbbb');
export const DIRECTIVE = DirectiveId.parse('3f0a8a52-4a3c-4d55-9d2c-0a4d5c3b2a10');
export const AGENT = AgentId.parse('5c1b8a52-4a3c-4d55-9d2c-0a4d5c3b2a10');
export const MAIL = MailId.parse('6d1b8a52-4a3c-4d55-9d2c-0a4d5c3b2a10');
export const BROADCAST = BroadcastId.parse('7e1b8a52-4a3c-4d55-9d2c-0a4d5c3b2a10');
export const NOW = '2026-01-01T00:00:00.000Z';

export const nodeView: NodeView = {
  ...{ id: NODE, name: 'node-1', isSelf: true, status: 'online', liveness: 'online', eligibility: 'eligible' },
  ...{ addresses: ['http://127.0.0.1:4220'], group: null, tier: 'unprivileged', kinds: ['execute_task'] },
  ...{ capabilities: [], labels: {}, capacity: 4, incarnation: 1, joinedAt: NOW, lastHeartbeatAt: null, metrics: null },
};

export const directiveView: DirectiveView = {
  ...{ id: DIRECTIVE, side: 'outbox', kind: 'query_resources', sourceNodeId: NODE, targetNodeId: OTHER },
  ...{ status: 'pending', state: 'queued', priority: 'normal', effect: 'alo', ttlMs: 120_000, attempts: 0 },
  ...{ payload: {}, parentDirectiveId: null, broadcastId: null, placement: null, createdAt: NOW },
  ...{ deadlineAt: '2026-01-01T00:02:00.000Z', endedAt: null, result: null },
};

export const agentView: AgentView = {
  ...{ id: AGENT, nodeId: OTHER, spawnedBy: NODE, directiveId: DIRECTIVE, parentDirectiveId: null },
  ...{ agentType: 'indexer', name: 'indexer', mode: 'detach', state: 'running', pid: 4_242, startedAt: NOW },
  ...{ endedAt: null, restarts: 0, progress: null, usage: noUsage, result: null, version: 2 },
};

export const broadcastDetail: BroadcastDetail = {
  summary: { broadcastId: BROADCAST, total: 1, completed: 0, failed: 0, open: 1, skipped: [] },
  directives: [{ ...directiveView, broadcastId: BROADCAST }],
};

export const eligibilityView: EligibilityView = {
  ...{ nodeId: NODE, eligibility: 'draining', version: 3, running: 1, applied: 'there' },
  note: { reason: 'update', actor: NODE, origin: 'operator', since: NOW, deadlineAt: null, force: false },
};

export const mail: Mail = {
  ...{ id: MAIL, recipient: { session: 'agents' }, contextId: null, sequence: 7, receivedAt: NOW },
  message: { messageId: 'm-1', role: 'ROLE_USER', parts: [{ text: 'hello' }] },
  ...{ provenance: { origin: 'forwarded', sourceNodeId: OTHER, directiveId: DIRECTIVE }, acknowledgedAt: null },
};

export const stateEntry: StateEntryView = {
  ...{ namespace: 'memory', key: 'colour', value: 'blue', deleted: false, updatedAt: NOW },
  version: { counter: 1, nodeId: NODE },
};
