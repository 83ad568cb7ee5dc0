/** The port through which agents of one type run: a program, a function of the host program, later a container. */
import type { AgentId, AgentLimits, AgentResult, DirectiveId, NodeId, Usage } from '@skein/contracts';

/** What an agent is told at its start. */
export interface AgentRequest {
  agentId: AgentId;
  agentType: string;
  name: string;
  instruction: string;
  context: Readonly<Record<string, unknown>>;
  limits: AgentLimits;
  directiveId: DirectiveId;
  /** The node that spawned it. */
  spawnedBy: NodeId;
  /** Files are read and written here. */
  workFolder: string;
}

/** What an agent tells while it runs; each field that is there is news. */
export interface AgentReport {
  /** Of the process that runs now. */
  pid?: number;
  restarts?: number;
  progress?: string;
  /** Of all its processes so far: cumulative. */
  usage?: Usage;
}

/** How an agent ended by itself. A kill is told by whoever ordered it, not here. */
export interface AgentOutcome {
  status: 'completed' | 'failed';
  result: AgentResult;
  /** Cumulative, and final. */
  usage: Usage;
}

/** How an agent is told to end, and how it tells of itself. */
export interface AgentHooks {
  /** Aborts when the agent is to end. `done` resolves after every process of it is gone. */
  signal: AbortSignal;
  /** The first one, whatever it holds, says that the agent runs; where none comes it is taken to run after a second. */
  onReport(report: AgentReport): void;
  onOutput(stream: 'stdout' | 'stderr', text: string): void;
}

/** A word that somebody puts in. `messageId` is the same where it is said again. */
export interface SteeringWord {
  messageId: string;
  from: NodeId;
  text: string;
}

/** One agent that was started. */
export interface AgentRun {
  /** Never rejects: that an agent cannot be started, or fails, is an outcome. */
  readonly done: Promise<AgentOutcome>;
  /** Writes a word to the agent's input; false where it does not take any. Absent where its type never does. */
  steer?(word: SteeringWord): Promise<boolean>;
}

/** Starts agents of one type. `start` returns at once and throws for nothing that befalls the agent. */
export interface AgentRuntime {
  /** What people read of it in the node's card. */
  readonly description?: string;
  start(request: AgentRequest, hooks: AgentHooks): AgentRun;
}

/** The types that a node can spawn, by name. */
export type AgentRuntimes = Readonly<Record<string, AgentRuntime>>;
