/** How agents' homes and their spawners reach each other: the agent methods of our extension, already signed and parsed. */
import type {
  AgentReport,
  DatabaseId,
  DirectiveId,
  KillAgentParams,
  KillAgentReply,
  NodeId,
  ReportAgentsReply,
  SteerAgentParams,
  SteerAgentReply,
} from '@skein/contracts';
import type { z } from 'zod';

/** Errors of all methods: A2AClientError, SwarmError UNKNOWN_NODE, or the signal's reason. */
export interface AgentPeers {
  reportAgents(
    spawner: NodeId,
    agents: readonly AgentReport[],
    signal: AbortSignal,
  ): Promise<z.infer<typeof ReportAgentsReply>>;
  killAgent(
    home: NodeId,
    params: z.infer<typeof KillAgentParams>,
    signal: AbortSignal,
  ): Promise<z.infer<typeof KillAgentReply>>;
  /** Which database an agent's home is on now; `directiveId` is one that it was sent. */
  homeDatabase(home: NodeId, directiveId: DirectiveId, signal: AbortSignal): Promise<DatabaseId>;
  steerAgent(home: NodeId, params: z.infer<typeof SteerAgentParams>, signal: AbortSignal): Promise<SteerAgentReply>;
}
