/** A function of the host program that directives may call by name. */
import type { NodeId, Usage } from '@skein/contracts';
import type { z } from 'zod';

export interface ToolContext {
  directiveId: string;
  sourceNodeId: NodeId;
  /** Aborts at the deadline, on cancellation and when the node stops. */
  signal: AbortSignal;
  /** Passes output on as it comes. */
  output(text: string): void;
  /** Adds to what the directive has used: tokens, cost, calls. */
  use(usage: Partial<Usage>): void;
}

/** What is returned is the directive's output, as JSON; what is thrown is its failure, `tool_failed`. */
export interface Tool<S extends z.ZodType = z.ZodType> {
  description?: string;
  /** Arguments that do not fit are refused before the tool is called: `tool_arguments_invalid`. */
  input: S;
  run(input: z.output<S>, context: ToolContext): unknown | Promise<unknown>;
}
