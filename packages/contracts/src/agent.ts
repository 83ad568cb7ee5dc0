/** An agent: one spawn of a configured type, by one node on another, from its order to its end. */
import { z } from 'zod';
import { DirectiveError } from './directive-error.ts';
import { AgentId, DirectiveId, NodeId, Timestamp } from './ids.ts';
import { Usage } from './resources.ts';

/** `wait`: the directive ends with the agent. `detach`: it ends with the agent's id, and the end is announced later. */
export const AgentMode = z.enum(['wait', 'detach']);
export type AgentMode = z.infer<typeof AgentMode>;

/** `killed` on somebody's word, `interrupted` because its node ended or was drained. */
export const AgentState = z.enum(['starting', 'running', 'completed', 'failed', 'killed', 'interrupted']);
export type AgentState = z.infer<typeof AgentState>;

/** Whether an agent in this state is over: it never leaves it again. */
export function isAgentEnd(state: AgentState): boolean {
  return state !== 'starting' && state !== 'running';
}

/** What an agent says is kept whole in memory, and in the books of two nodes. */
const MAX_OUTPUT_BYTES = 8_388_608;

/**
 * What an agent may use. A caller can ask for less than its type allows, never for more; absent means the type's own
 * limit.
 */
export const AgentLimits = z.strictObject({
  /** Of the whole run, restarts included. */
  timeoutMs: z.int().positive().optional(),
  /** Of the whole process tree at one moment; beyond it the agent is killed. */
  memoryBytes: z.int().positive().optional(),
  /** Of what it says, at most 8 MiB; the rest is read and dropped, and the result says `truncated`. */
  outputBytes: z.int().positive().max(MAX_OUTPUT_BYTES).optional(),
});
export type AgentLimits = z.infer<typeof AgentLimits>;

/** How an agent ended. `response` is what it said on its standard output. */
export const AgentResult = z.strictObject({
  response: z.string(),
  exitCode: z.int().nullable(),
  signal: z.string().nullable(),
  truncated: z.boolean(),
  error: DirectiveError.optional(),
});
export type AgentResult = z.infer<typeof AgentResult>;

/** An agent as one node knows it: as its own, or as the node that runs it last told. */
export const AgentView = z.strictObject({
  /** The run id: the answer to a detached spawn. */
  id: AgentId,
  /** Where it runs. */
  nodeId: NodeId,
  /** The node that sent the directive. */
  spawnedBy: NodeId,
  directiveId: DirectiveId,
  /** The directive that this one was sent for: an agent's own, where an agent spawned it. */
  parentDirectiveId: DirectiveId.nullable(),
  agentType: z.string(),
  name: z.string(),
  mode: AgentMode,
  state: AgentState,
  /** The operating system's process id on the node that runs it; null before the start and in-process. */
  pid: z.int().positive().nullable(),
  startedAt: Timestamp,
  endedAt: Timestamp.nullable(),
  /** How often its process was started again. */
  restarts: z.int().nonnegative(),
  /** The last line of progress that it reported. */
  progress: z.string().nullable(),
  /** Of all its processes together, restarts included; only ever rises. */
  usage: Usage,
  result: AgentResult.nullable(),
  /** Rises with each change; of two views the one with the higher version is the later one. */
  version: z.int().positive(),
});
export type AgentView = z.infer<typeof AgentView>;

/** What `spawn_agent` answers with. */
export const SpawnAgentOutput = z.discriminatedUnion('mode', [
  z.strictObject({
    mode: z.literal('wait'),
    agentId: AgentId,
    state: AgentState,
    restarts: z.int(),
    ...AgentResult.shape,
  }),
  z.strictObject({ mode: z.literal('detach'), agentId: AgentId, state: AgentState }),
]);
export type SpawnAgentOutput = z.infer<typeof SpawnAgentOutput>;

/** A line of an agent's standard input, where its runtime takes lines: one JSON object each. */
export const AgentInputLine = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('instruction'),
    text: z.string(),
    context: z.record(z.string(), z.json()).optional(),
  }),
  /** A steering word. `from` is the node that said it. */
  z.strictObject({ type: z.literal('message'), messageId: z.string(), from: NodeId, text: z.string() }),
]);
export type AgentInputLine = z.infer<typeof AgentInputLine>;
