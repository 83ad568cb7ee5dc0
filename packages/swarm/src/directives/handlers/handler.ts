/** What carries a directive out. A handler is told what to do and when to stop; storing what came of it is not its job. */
import type { DirectiveError, DirectiveId, DirectiveKind, EffectClass, NodeId, Order, Usage } from '@skein/contracts';
import type { z } from 'zod';

type PayloadOf<K extends DirectiveKind> = Extract<Order, { kind: K }>['payload'];

export interface HandlerContext {
  readonly directiveId: DirectiveId;
  readonly sourceNodeId: NodeId;
  readonly effect: EffectClass;
  /** Raised by each claim: with the id it names one start, for programs that fence themselves. */
  readonly epoch: number;
  /** Aborts at the deadline, on cancellation and when the node stops. The handler resolves after its work is gone. */
  readonly signal: AbortSignal;
  /** Passes output on as it comes. Nobody may be listening. */
  readonly output: (stream: 'stdout' | 'stderr', text: string) => void;
}

export interface HandlerOutcome {
  status: 'completed' | 'failed';
  output?: z.core.util.JSONType;
  error?: DirectiveError;
  usage: Usage;
}

export type DirectiveHandler<K extends DirectiveKind> = (
  payload: PayloadOf<K>,
  context: HandlerContext,
) => Promise<HandlerOutcome>;

/** The kinds that this node carries out. A kind without a handler is refused on arrival. */
export type DirectiveHandlers = { readonly [K in DirectiveKind]?: DirectiveHandler<K> };
