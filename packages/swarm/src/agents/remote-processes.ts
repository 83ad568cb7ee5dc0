/** The port to whoever keeps the process tree: agents that this node has running elsewhere appear in it. */
import type { AgentId, AgentView, FullProcessTree, NodeId } from '@skein/contracts';

/** The port through which agents elsewhere are shown in this node's process tree. Everything may be told twice. */
export interface RemoteProcesses {
  /** Puts an agent into the tree and gives it a PID, from 900,000 on; the PID that it has, where it is there already. */
  register(agent: AgentView): number;
  /** Takes over its latest figures. The same ones twice change nothing. */
  sync(agent: AgentView): void;
  /** Takes it out of the tree, with how it ended. */
  unregister(id: AgentId): void;
  /** The PID of an agent that is in the tree now. */
  pidOf(id: AgentId): number | undefined;
  tree(self: NodeId): FullProcessTree;
}
