import type {
  AgentEntry,
  AgentId,
  AgentState,
  AgentView,
  FullProcessTree,
  NodeId,
  SteerAgentReply,
} from '@skein/contracts';
import type { CallOptions } from '../call-options.ts';

/** The calls of a node that concern agents: its own, and those that it has running elsewhere. */
export interface AgentDesk {
  /** Newest first; at most `limit` (50 unless told). */
  listAgents(query?: { state?: AgentState; node?: NodeId; limit?: number }): Promise<AgentEntry[]>;
  /** An agent that runs or ran here, or that this node has spawned elsewhere, as its home last told. */
  getAgent(id: AgentId): Promise<AgentEntry | undefined>;
  /**
   * Ends an agent and its whole process tree, wherever in the swarm it runs; resolves when nothing of it is left, within
   * about six seconds. What has ended stays as it is. Where its home does not know it any more, or was taken out of the
   * swarm, it ends here as interrupted, for the reason `home_gone`.
   * Errors: AGENT_NOT_FOUND, PEER_UNREACHABLE, FORBIDDEN (this node's tier there does not allow it).
   */
  killAgent(id: AgentId, options?: CallOptions & { reason?: string }): Promise<AgentView>;
  /**
   * Puts a word into the agent's mailbox, at the node that runs it, and on its input where its runtime takes lines.
   * Errors: AGENT_NOT_FOUND, AGENT_ENDED, MAILBOX_FULL, PEER_UNREACHABLE, FORBIDDEN.
   */
  steerAgent(id: AgentId, text: string, options?: CallOptions): Promise<SteerAgentReply>;
  /** What runs on this node, with the agents that it has running elsewhere under PIDs from 900,000 on. */
  getFullProcessTree(): FullProcessTree;
}
