/** One node's process tree with what it has running elsewhere: each remote agent under the local process that spawned it. */
import { AgentId, type FullProcessTree, type NodeId, type ProcessBranch } from '@skein/contracts';
import type { ProcessTreeNode, ProcessTreeSnapshot } from './process-tree.ts';
import type { RemoteProcess } from './remote-process.ts';

export interface TreeParts {
  self: NodeId;
  /** Milliseconds since the epoch. */
  at: number;
  local: ProcessTreeSnapshot;
  remote: readonly RemoteProcess[];
}

/** A run is named after its directive, or it is an agent's and says for which directive it runs. */
const runsFor = ({ runId, agent }: ProcessTreeNode, directiveId: string): boolean =>
  agent ? agent.directiveId === directiveId : runId === directiveId || runId.startsWith(`${directiveId}/`);

export function fullProcessTree({ self, at, local, remote }: TreeParts): FullProcessTree {
  const placed = new Set<RemoteProcess>();
  const roots = local.roots.map((root): ProcessBranch => {
    const branch = localBranch(root, self);
    // The first process of a run stands for all of it: which of its children spawned the agent is not known.
    const spawned = remote.filter(
      (process) => process.parentDirectiveId && !placed.has(process) && runsFor(root, process.parentDirectiveId),
    );
    for (const process of spawned) placed.add(process);
    return { ...branch, children: [...branch.children, ...spawned.map(remoteBranch)] };
  });
  return {
    nodeId: self,
    at: new Date(at).toISOString(),
    local: local.runningCount,
    remote: remote.length,
    roots: [...roots, ...remote.filter((process) => !placed.has(process)).map(remoteBranch)],
  };
}

function localBranch(node: ProcessTreeNode, self: NodeId): ProcessBranch {
  const agentId = AgentId.safeParse(node.agent?.agentId);
  return {
    pid: node.pid,
    kind: 'local',
    nodeId: self,
    runId: node.runId,
    agentId: agentId.success ? agentId.data : null,
    label: node.label,
    startedAt: new Date(node.startedAt).toISOString(),
    cpuMs: Math.round(node.cpuMs),
    memoryBytes: Math.round(node.memoryBytes),
    peakMemoryBytes: Math.round(node.peakMemoryBytes),
    children: node.children.map((child) => localBranch(child, self)),
  };
}

const remoteBranch = ({ pid, nodeId, agentId, label, startedAt, usage }: RemoteProcess): ProcessBranch => ({
  pid,
  kind: 'remote',
  nodeId,
  runId: agentId,
  agentId,
  label,
  startedAt,
  cpuMs: usage.cpuMs,
  memoryBytes: usage.peakMemoryBytes,
  peakMemoryBytes: usage.peakMemoryBytes,
  children: [],
});
