/** Nodes, agents and figures as tests of the fleet need them: everything said once, changed where it matters. */
import {
  AgentId,
  type AgentView,
  DatabaseId,
  DirectiveId,
  type GetActivityReply,
  NodeId,
  type NodeMetrics,
  noUsage,
  type Usage,
} from '@skein/contracts';
import type { NodeEntry } from '../membership/node-store.ts';

/** The n-th of some nodes; the same one each time. */
export const nodeIdNo = (n: number) => NodeId.parse(`node${String.fromCharCode(97 + n)}`.padEnd(26, 'a'));
const uuidNo = (prefix: string, n: number) => `${prefix}-0000-4000-8000-${String(n).padStart(12, '0')}`;
export const agentIdNo = (n: number) => AgentId.parse(uuidNo('a0000000', n));
export const directiveIdNo = (n: number) => DirectiveId.parse(uuidNo('d0000000', n));
export const databaseIdNo = (n: number) => DatabaseId.parse(uuidNo('b0000000', n));

export const used = (change: Partial<Usage>): Usage => ({ ...noUsage, ...change });

export const someMetrics: NodeMetrics = {
  ...noUsage,
  cpuPercent: 10,
  memoryUsedBytes: 1_000,
  memoryTotalBytes: 4_000,
  diskUsedBytes: 1_000,
  diskTotalBytes: 10_000,
  activeProcesses: 0,
  runningDirectives: 0,
  queuedDirectives: 0,
  uptimeMs: 1,
};

export function nodeNo(n: number, change: Partial<NodeEntry> = {}): NodeEntry {
  return {
    id: nodeIdNo(n),
    record: {
      key: 'k',
      name: `node-${n}`,
      addresses: [`http://127.0.0.1:${4220 + n}`],
      kinds: [],
      capabilities: [],
      labels: {},
      capacity: 4,
      incarnation: 1,
      recordVersion: 1,
    },
    signedRecord: '',
    tier: 'unprivileged',
    group: null,
    liveness: 'online',
    observed: true,
    eligibility: 'eligible',
    eligibilityVersion: 0,
    eligibilityNote: null,
    lastBeatAt: null,
    metrics: null,
    joinedAt: 0,
    revision: 1,
    removed: false,
    ...change,
  };
}

/** Runs on node 1 for node 0, under the directive of its own number. */
export function agentNo(n: number, change: Partial<AgentView> = {}): AgentView {
  return {
    id: agentIdNo(n),
    nodeId: nodeIdNo(1),
    spawnedBy: nodeIdNo(0),
    directiveId: directiveIdNo(n),
    parentDirectiveId: null,
    agentType: 'test',
    name: `agent-${n}`,
    mode: 'detach',
    state: 'running',
    pid: 1,
    startedAt: '2026-01-01T00:00:00.000Z',
    endedAt: null,
    restarts: 0,
    progress: null,
    usage: used({ tokensIn: 1 }),
    result: null,
    version: 1,
    ...change,
  };
}

export function answerOf(n: number, change: Partial<GetActivityReply> = {}): GetActivityReply {
  const databaseId = databaseIdNo(n);
  return { databaseId, metrics: someMetrics, agents: [], directives: [], usage: { databaseId, hours: [] }, ...change };
}
