/** The fleet as one node sees it: what it used, who runs what where for whom, and how well each node is. */
import { z } from 'zod';
import { AgentView } from './agent.ts';
import { DirectiveKind } from './directive-kind.ts';
import { DirectiveId, NodeId, Timestamp } from './ids.ts';
import { GroupName, NodeName, NodeStatus } from './node.ts';
import { NodeMetrics, Usage } from './resources.ts';

/** What one node's work used within the day of a report. */
export const NodeUsage = z.strictObject({
  nodeId: NodeId,
  name: NodeName,
  status: NodeStatus,
  usage: Usage,
  /** Whether the node answered just now; else its figures are those that it told last. */
  answered: z.boolean(),
  metrics: NodeMetrics.nullable(),
});
export type NodeUsage = z.infer<typeof NodeUsage>;

/** What the work of the last day used, by the hours of each node's own clock: 24 of them, the present one included. */
export const ResourceReport = z.strictObject({
  since: Timestamp,
  until: Timestamp,
  totalNodes: z.int().nonnegative(),
  onlineNodes: z.int().nonnegative(),
  /** Of all nodes; the peak is the highest of any one piece of work. */
  totals: Usage,
  /** Those of the registry; then those taken out of it that worked within the day, which `totalNodes` leaves out. */
  nodes: z.array(NodeUsage),
});
export type ResourceReport = z.infer<typeof ResourceReport>;

/** A directive that runs now, at its receiver. */
export const RunningDirective = z.strictObject({
  id: DirectiveId,
  kind: DirectiveKind,
  sourceNodeId: NodeId,
  parentDirectiveId: DirectiveId.nullable(),
  startedAt: Timestamp,
});
export type RunningDirective = z.infer<typeof RunningDirective>;

/** A node with what runs on it now, for whomever. */
export const TopologyNode = z.strictObject({
  nodeId: NodeId,
  name: NodeName,
  group: GroupName.nullable(),
  status: NodeStatus,
  isSelf: z.boolean(),
  /** Whether it said just now what it runs; else `agents` are those that the telling node knows of, as last told. */
  answered: z.boolean(),
  /** Agents that run there now, and directives that are no agent's. */
  agents: z.array(AgentView),
  directives: z.array(RunningDirective),
  /** Of the last day. */
  usage: Usage,
});
export type TopologyNode = z.infer<typeof TopologyNode>;

/** An agent with those that it spawned, wherever they run. */
export interface AgentBranch {
  agent: AgentView;
  children: AgentBranch[];
  /** Of the agent and everyone below it. */
  totals: Usage;
  agents: number;
}
export const AgentBranch: z.ZodType<AgentBranch> = z.lazy(() =>
  z.strictObject({ agent: AgentView, children: z.array(AgentBranch), totals: Usage, agents: z.int().positive() }),
);

/** Work that one node has running on another. */
export const TopologyEdge = z.strictObject({
  from: NodeId,
  to: NodeId,
  agents: z.int().nonnegative(),
  directives: z.int().nonnegative(),
});
export type TopologyEdge = z.infer<typeof TopologyEdge>;

/** Who runs what, where, and for whom. */
export const SwarmTopology = z.strictObject({
  at: Timestamp,
  nodes: z.array(TopologyNode),
  edges: z.array(TopologyEdge),
  /** For each node that spawned agents: those, and theirs. */
  branches: z.array(z.strictObject({ spawnedBy: NodeId, roots: z.array(AgentBranch), totals: Usage })),
  /** Of all branches: what runs now. */
  totals: Usage,
});
export type SwarmTopology = z.infer<typeof SwarmTopology>;

/** How well a figure, or a node, is. `unknown`: there is no figure. */
export const HealthGrade = z.enum(['ok', 'warning', 'critical', 'unknown']);
export type HealthGrade = z.infer<typeof HealthGrade>;

/** One look at a node against its thresholds. */
export const HealthCheck = z.strictObject({
  name: z.string(),
  grade: HealthGrade,
  /** Null where it is not known. */
  value: z.number().nullable(),
  unit: z.enum(['%', 'ms', 'directives']),
  /** From these values on. */
  warning: z.number(),
  critical: z.number(),
});
export type HealthCheck = z.infer<typeof HealthCheck>;

/** A node's figures against their thresholds. */
export const NodeHealth = z.strictObject({
  nodeId: NodeId,
  name: NodeName,
  status: NodeStatus,
  /** The worst of the checks. */
  grade: HealthGrade,
  checks: z.array(HealthCheck),
});
export type NodeHealth = z.infer<typeof NodeHealth>;
