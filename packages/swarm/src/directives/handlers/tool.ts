/** A function of the host program that directives may call by name. */
import type { NodeId, Usage } from '@skein/contracts';
import type { z } from 'zod';

/** What a tool knows of the directive that calls it. */
export interface ToolContext {
  /** The sender's id of it: unique together with `sourceNodeId`. */
  directiveId: string;
  /** The node that signed it. */
  sourceNodeId: NodeId;
  /** Aborts at the deadline, on cancellation and when the node stops. A tool that goes on is left behind after 5 s. */
  signal: AbortSignal;
  /** Passes output on as it comes. */
  output(text: string): void;
  /** Adds to what the directive has used, in whole numbers: tokens, cost, calls. Of memory the highest figure stays. */
  use(usage: Partial<Usage>): void;
}

/**
 * What is returned is the directive's output, as JSON of at most 1 MiB (else `tool_output_invalid`); what is thrown is its
 * failure, `tool_failed`, of which the sender reads the message.
 */
export interface Tool<S extends z.ZodType = z.ZodType> {
  description?: string;
  /** Arguments that do not fit are refused before the tool is called: `tool_arguments_invalid`. */
  input: S;
  run(input: z.output<S>, context: ToolContext): unknown | Promise<unknown>;
}
