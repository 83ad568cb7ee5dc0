/** How the sending end reaches a receiver: the directive methods of our extension, already signed and parsed. */
import type {
  AcknowledgeResultsReply,
  CancelCause,
  CancelDirectiveReply,
  DirectiveId,
  GetDirectivesReply,
  NodeId,
} from '@skein/contracts';
import type { SendMessageParams, StreamResponse } from '@skein/contracts/a2a';
import type { z } from 'zod';

export interface DirectivePeers {
  /** Errors of all methods: what `classifyFailure` knows; an abort rejects with its reason. */
  send(
    target: NodeId,
    params: SendMessageParams,
    signal: AbortSignal,
    /** Whether an earlier send of it may have arrived: for receivers that do not know a directive again. */
    sent?: { mayHaveArrived: boolean },
  ): AsyncIterable<StreamResponse>;
  report(target: NodeId, ids: readonly DirectiveId[], signal: AbortSignal): Promise<GetDirectivesReply>;
  acknowledge(
    target: NodeId,
    ids: readonly DirectiveId[],
    signal: AbortSignal,
  ): Promise<z.infer<typeof AcknowledgeResultsReply>>;
  /** Errors: also SendEnded, where its receiver cannot be asked and the sender's word is the last. */
  cancel(
    target: NodeId,
    id: DirectiveId,
    cause: CancelCause,
    signal: AbortSignal,
  ): Promise<z.infer<typeof CancelDirectiveReply>>;
}
