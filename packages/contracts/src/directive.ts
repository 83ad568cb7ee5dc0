/**
 * A directive: an order from one node to another, stored at both ends. Five kinds, each with a payload of its own; the
 * output of each kind stands beside it.
 */
import { z } from 'zod';
import { Message } from './a2a/index.ts';
import { AgentLimits, AgentMode, AgentView } from './agent.ts';
import { DirectiveError } from './directive-error.ts';
import type { DirectiveKind } from './directive-kind.ts';
import { DirectiveId, NodeId, Timestamp } from './ids.ts';
import { Recipient } from './mailbox.ts';
import { Selector, Target } from './placement.ts';
import { ProcessEntry } from './process.ts';
import { NodeMetrics, Usage } from './resources.ts';
import { MAX_STATE_ENTRIES_A_DIRECTIVE, StateEntry, StateNamespaceName } from './state.ts';

/** Who goes first where several wait; one level is gained for each 30 s of waiting. */
export const Priority = z.enum(['low', 'normal', 'high', 'critical']);
export type Priority = z.infer<typeof Priority>;

/**
 * What a crash may cost. `amo`: at most once, a crash ends it as interrupted. `alo`: at least once, the caller declares
 * that a second run does no harm. `tx`: the effect commits with the result.
 */
export const EffectClass = z.enum(['amo', 'alo', 'tx']);
export type EffectClass = z.infer<typeof EffectClass>;

const noNul = z.string().refine((text) => !text.includes('\0'), 'must not contain NUL');

/** Runs a program: an argument list, never a shell's line. The program is a name or path on the node's allow-list. */
export const ProgramTask = z.strictObject({
  command: z.tuple([noNul.min(1)], noNul),
  /** Relative to the node's work folder, and inside it. @default the work folder itself */
  cwd: noNul.optional(),
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), noNul).optional(),
  stdin: z.string().optional(),
  /** Bounds the run itself; the directive's TTL bounds it in any case. */
  timeoutMs: z.int().positive().optional(),
});
export type ProgramTask = z.infer<typeof ProgramTask>;

/** Calls a tool that the node has registered. */
export const ToolTask = z.strictObject({ tool: z.string().min(1), args: z.record(z.string(), z.json()).optional() });
export type ToolTask = z.infer<typeof ToolTask>;

/** `execute_task`: a program on the node's allow-list, or a tool that its program has registered. */
export const ExecuteTaskPayload = z.union([ProgramTask, ToolTask]);
export type ExecuteTaskPayload = z.infer<typeof ExecuteTaskPayload>;

/** `spawn_agent`: starts an agent of a type that the node is configured with. Answered with `SpawnAgentOutput`. */
export const SpawnAgentPayload = z.strictObject({
  /** One of the runtimes that the node is configured with. */
  agentType: z.string().min(1).max(63),
  instruction: z.string(),
  /** What people call it. @default the type's name */
  name: z.string().min(1).max(120).optional(),
  /** What the agent is told beside its instruction: any JSON, at most 64 KiB of it. */
  context: z.record(z.string(), z.json()).optional(),
  /** Below the runtime's own limits; they cannot be raised. */
  limits: AgentLimits.optional(),
  mode: AgentMode,
  /** Where a detached agent's end is announced, at the node that spawned it. @default the session `agents` */
  announceTo: Recipient.optional(),
});
export type SpawnAgentPayload = z.infer<typeof SpawnAgentPayload>;

/** `query_resources`: what a node has, and what runs there. Answered with `QueryResourcesOutput`. */
export const QueryResourcesPayload = z.strictObject({
  /** Leaves out what ended before this moment of the receiver's clock. */
  since: Timestamp.optional(),
});
export type QueryResourcesPayload = z.infer<typeof QueryResourcesPayload>;

/** `forward_message`: puts an A2A message into a mailbox of the node. Answered with `ForwardMessageOutput`. */
export const ForwardMessagePayload = z.strictObject({
  to: Recipient,
  message: Message,
  /** The thread. @default the message's own contextId */
  contextId: noNul.max(255).optional(),
});
export type ForwardMessagePayload = z.infer<typeof ForwardMessagePayload>;

/** `sync_state`: merges entries into a namespace of the node. Answered with `SyncStateOutput`. */
export const SyncStatePayload = z.strictObject({
  namespace: StateNamespaceName,
  entries: z.array(StateEntry).max(MAX_STATE_ENTRIES_A_DIRECTIVE),
  /** The cursor of the last answer: what changed before it is not told again. @default all is told */
  since: z.int().nonnegative().optional(),
});
export type SyncStatePayload = z.infer<typeof SyncStatePayload>;

/** The payload schema of each kind: the one table that a new kind is added to. */
export const directivePayloads = {
  execute_task: ExecuteTaskPayload,
  spawn_agent: SpawnAgentPayload,
  query_resources: QueryResourcesPayload,
  forward_message: ForwardMessagePayload,
  sync_state: SyncStatePayload,
} as const satisfies Record<DirectiveKind, z.ZodType>;

/** Kind and payload together, told apart by the kind. */
export const Order = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('execute_task'), payload: ExecuteTaskPayload }),
  z.strictObject({ kind: z.literal('spawn_agent'), payload: SpawnAgentPayload }),
  z.strictObject({ kind: z.literal('query_resources'), payload: QueryResourcesPayload }),
  z.strictObject({ kind: z.literal('forward_message'), payload: ForwardMessagePayload }),
  z.strictObject({ kind: z.literal('sync_state'), payload: SyncStatePayload }),
]);
export type Order = z.infer<typeof Order>;

/** Longest time to live: a day. Longer work detaches. */
export const MAX_TTL_MS = 24 * 60 * 60 * 1_000;
/** Two minutes, from creation to result. */
export const DEFAULT_TTL_MS = 120_000;

const dispatchOptions = {
  /** A node, or a selector: then it goes to the fittest of those that match, and why is in its view's `placement`. */
  target: Target,
  priority: Priority.default('normal'),
  /** Milliseconds from creation to result. */
  ttlMs: z.int().positive().max(MAX_TTL_MS).default(DEFAULT_TTL_MS),
  /** Leave out for the kind's own class: `amo` for programs and agents. */
  effect: EffectClass.optional(),
  parentDirectiveId: DirectiveId.optional(),
};

/** What a caller asks for: an order and how it is to travel. */
export const DispatchRequest = z.discriminatedUnion('kind', [
  Order.options[0].extend(dispatchOptions),
  Order.options[1].extend(dispatchOptions),
  Order.options[2].extend(dispatchOptions),
  Order.options[3].extend(dispatchOptions),
  Order.options[4].extend(dispatchOptions),
]);
export type DispatchRequest = z.infer<typeof DispatchRequest>;
/** The same before defaults are filled in. */
export type DispatchInput = z.input<typeof DispatchRequest>;

const { target: _, ...broadcastOptions } = dispatchOptions;

/** The same for many nodes: each that `to` means gets a directive of its own. */
export const BroadcastRequest = z.discriminatedUnion('kind', [
  Order.options[0].extend({ ...broadcastOptions, to: Selector.default({}) }),
  Order.options[1].extend({ ...broadcastOptions, to: Selector.default({}) }),
  Order.options[2].extend({ ...broadcastOptions, to: Selector.default({}) }),
  Order.options[3].extend({ ...broadcastOptions, to: Selector.default({}) }),
  Order.options[4].extend({ ...broadcastOptions, to: Selector.default({}) }),
]);
export type BroadcastRequest = z.infer<typeof BroadcastRequest>;
/** The same before defaults are filled in. */
export type BroadcastInput = z.input<typeof BroadcastRequest>;

/** The ends of a directive. `unknown` is the sender's alone: nobody could be asked what became of it. */
export const FinalStatus = z.enum([
  'completed',
  'failed',
  'cancelled',
  'timed_out',
  'rejected',
  'interrupted',
  'unknown',
]);
export type FinalStatus = z.infer<typeof FinalStatus>;

/** What callers see: where a directive is, from the last that was heard of it. */
export const DirectiveStatus = z.enum([
  'pending',
  'dispatched',
  'running',
  'awaiting_approval',
  ...FinalStatus.options,
]);
export type DirectiveStatus = z.infer<typeof DirectiveStatus>;

/** Whether a directive's status is an end. */
export function isFinal(status: string): status is FinalStatus {
  return FinalStatus.safeParse(status).success;
}

/** What the receiver measured of one directive. */
export const DirectiveMetrics = Usage.extend({
  /** From the start of the work to its end; 0 where it never started. */
  durationMs: z.int().nonnegative(),
});
export type DirectiveMetrics = z.infer<typeof DirectiveMetrics>;

/**
 * What a program left behind: the output of `execute_task` with a command. Either `exitCode` or `signal` is null.
 */
export const ProgramOutput = z.strictObject({
  exitCode: z.int().nullable(),
  signal: z.string().nullable(),
  stdout: z.string(),
  stderr: z.string(),
  /** True where the output was longer than the node's cap and the rest was dropped. */
  truncated: z.boolean(),
});
export type ProgramOutput = z.infer<typeof ProgramOutput>;

/** The output of `query_resources`. */
export const QueryResourcesOutput = z.strictObject({
  nodeId: NodeId,
  metrics: NodeMetrics,
  processes: z.array(ProcessEntry),
  /** Agents that run there now, and those that ended there since `since`; without it, in the last hour. */
  agents: z.array(AgentView),
});
export type QueryResourcesOutput = z.infer<typeof QueryResourcesOutput>;

/** How a directive ended. `output` has the shape of its kind; a failed program has one too. */
export const DirectiveResult = z.strictObject({
  status: FinalStatus,
  output: z.json().optional(),
  error: DirectiveError.optional(),
  metrics: DirectiveMetrics,
  /** Whether the work ever started: false means that it had no effect. */
  started: z.boolean(),
});
export type DirectiveResult = z.infer<typeof DirectiveResult>;
