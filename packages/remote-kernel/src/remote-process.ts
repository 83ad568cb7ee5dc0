/** An agent that this node has running on another: what is known of it while it runs, and after. */
import type { AgentId, DirectiveId, NodeId, Timestamp, Usage } from '@skein/contracts';

/** What is known of an agent elsewhere when it is put into the tree. */
export interface RemoteProcessSpec {
  agentId: AgentId;
  /** Where it runs. */
  nodeId: NodeId;
  label: string;
  startedAt: Timestamp;
  /** The directive that it was spawned for, where an agent or a program of this node did that. */
  parentDirectiveId?: DirectiveId | null;
}

/** An agent elsewhere, as the tree shows it. */
export interface RemoteProcess extends RemoteProcessSpec {
  /** From 900,000 on; never used twice in the kernel's life. */
  pid: number;
  /** As last told, cumulative. */
  usage: Usage;
}

/** Cumulative figures of one agent, as its node tells them. */
export interface RemoteReading {
  agentId: AgentId;
  usage: Usage;
  /** Where readings may overtake each other: one that is not higher than the last is passed over. */
  version?: number;
}

/** How an agent ended, as its node told; null where that was not told. */
export interface RemoteExit {
  state: string;
  exitCode: number | null;
  signal: string | null;
}

/** An agent elsewhere that was taken out of the tree. */
export interface EndedRemoteProcess extends RemoteProcess {
  endedAt: Timestamp;
  exit: RemoteExit | null;
}
