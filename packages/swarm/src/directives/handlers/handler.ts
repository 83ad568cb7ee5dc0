/** What carries a directive out. A handler is told what to do and when to stop; storing what came of it is not its job. */
import type {
  DirectiveError,
  DirectiveId,
  DirectiveKind,
  EffectClass,
  ForwardMessageOutput,
  NodeId,
  Order,
  ProgramOutput,
  QueryResourcesOutput,
  SpawnAgentOutput,
  SyncStateOutput,
  Usage,
} from '@skein/contracts';
import type { z } from 'zod';
import type { Effect } from '../effects.ts';

type PayloadOf<K extends DirectiveKind> = Extract<Order, { kind: K }>['payload'];

/** What a handler knows of its directive. */
export interface HandlerContext {
  /** The sender's id of it: unique together with `sourceNodeId`. */
  readonly directiveId: DirectiveId;
  /** The node that signed it. */
  readonly sourceNodeId: NodeId;
  /** The directive that this one was sent for. */
  readonly parentDirectiveId: DirectiveId | null;
  /** What the sender lets a crash cost. */
  readonly effect: EffectClass;
  /** Raised by each claim: with the id it names one start, for programs that fence themselves. */
  readonly epoch: number;
  /** Aborts at the deadline, on cancellation and when the node stops. The handler resolves after its work is gone. */
  readonly signal: AbortSignal;
  /** Passes output on as it comes. Nobody may be listening. */
  readonly output: (stream: 'stdout' | 'stderr', text: string) => void;
}

/** What the kinds answer with; tools, and handlers that a program registers, with any JSON. */
export type HandlerOutput =
  | ProgramOutput
  | SpawnAgentOutput
  | QueryResourcesOutput
  | ForwardMessageOutput
  | SyncStateOutput
  | z.core.util.JSONType;

/** How a directive ended by itself. */
export interface HandlerOutcome {
  status: 'completed' | 'failed';
  output?: HandlerOutput;
  error?: DirectiveError;
  /** What it used. @default nothing */
  usage?: Usage;
  /** What it used is in the ledger already, under a name of its own, as agents' figures are. @default false */
  recorded?: boolean;
  /** Stored in the transaction that stores this outcome, in their order. Where the outcome is not stored, none is. */
  effects?: readonly Effect[];
  /**
   * Called once, when it is known what became of the outcome: true where it was stored, its effects with it. A crash
   * in between leaves it uncalled: what matters must be in the effects.
   */
  settled?(stored: boolean): void;
}

/** Carries out one kind. What it throws ends the directive as `failed`, reason `handler_failed`. */
export type DirectiveHandler<K extends DirectiveKind> = (
  payload: PayloadOf<K>,
  context: HandlerContext,
) => Promise<HandlerOutcome>;

/** The kinds that this node carries out. A kind without a handler is refused on arrival. */
export type DirectiveHandlers = { readonly [K in DirectiveKind]?: DirectiveHandler<K> | undefined };
