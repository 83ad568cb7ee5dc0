/** What nodes answer with, as small as the contract allows. */
import type { AgentView, EligibilityView, NodeUsage, SwarmTopology, Usage } from '@skein/contracts';
import { ID, ONE, TWO } from './fake-node.ts';

export const AGENT = '0b1f6f0e-1111-4222-8333-944455556666' as AgentView['id']; // branded; written down by hand
export const ENDED = 'ee1f6f0e-1111-4222-8333-944455556666' as AgentView['id'];
export const AT = '2026-01-01T00:00:00.000Z';
export const usage: Usage = {
  tokensIn: 1_200,
  tokensOut: 40,
  costMicroUsd: 900,
  toolCalls: 3,
  cpuMs: 520,
  peakMemoryBytes: 64e6,
};
export const nothing: Usage = {
  tokensIn: 0,
  tokensOut: 0,
  costMicroUsd: 0,
  toolCalls: 0,
  cpuMs: 0,
  peakMemoryBytes: 0,
};

export function agent(more: Partial<AgentView> = {}): AgentView {
  return {
    ...{ id: AGENT, nodeId: TWO, spawnedBy: ONE, directiveId: ID, parentDirectiveId: null, agentType: 'indexer' },
    ...{ name: 'notes', mode: 'detach', state: 'running', pid: 4711, startedAt: AT, endedAt: null, restarts: 0 },
    ...{ progress: 'file 3 of 9', usage, result: null, version: 3 },
    ...more,
  };
}

export const decided = (
  eligibility: EligibilityView['eligibility'],
  more: Partial<EligibilityView> = {},
): EligibilityView => ({
  ...{ nodeId: TWO, eligibility, version: 1, note: null, running: 0, applied: 'there' },
  ...more,
});

export const usageOf = (name: string, figures: Usage, answered = true): NodeUsage => ({
  ...{ nodeId: TWO, status: 'online', metrics: null },
  ...{ name, usage: figures, answered },
});

export const node = (
  name: string,
  more: Partial<SwarmTopology['nodes'][number]> = {},
): SwarmTopology['nodes'][number] => ({
  ...{ nodeId: TWO, name, group: null, status: 'online', isSelf: false, answered: true, agents: [], directives: [] },
  usage: nothing,
  ...more,
});

export const topologyOf = (nodes: SwarmTopology['nodes'], branches: SwarmTopology['branches'] = []): SwarmTopology => ({
  ...{ at: AT, nodes, edges: [], branches, totals: nothing },
});
