/** A directive as the A2A message that carries it, and back. */
import { A2AError } from '@skein/a2a-transport';
import {
  DIRECTIVE_MEDIA_TYPE,
  DirectiveId,
  DirectiveMetadata,
  MAX_TTL_MS,
  Order,
  SWARM_EXTENSION_URI,
} from '@skein/contracts';
import type { Message, SendMessageParams } from '@skein/contracts/a2a';
import type { ClaimedRow } from './outbox-store.ts';

type Sendable = Pick<
  ClaimedRow,
  'id' | 'order' | 'priority' | 'remainingMs' | 'attempts' | 'effect' | 'parentDirectiveId'
>;

export function toMessage(row: Sendable): SendMessageParams {
  const metadata: DirectiveMetadata = {
    kind: row.order.kind,
    priority: row.priority,
    remainingMs: Math.min(MAX_TTL_MS, Math.max(0, Math.floor(row.remainingMs))), // the hour may have been set back
    attempt: row.attempts,
    effect: row.effect,
    ...(row.parentDirectiveId && { parentDirectiveId: row.parentDirectiveId }),
  };
  return {
    message: {
      messageId: row.id,
      role: 'ROLE_USER',
      extensions: [SWARM_EXTENSION_URI],
      parts: [{ data: row.order.payload, mediaType: DIRECTIVE_MEDIA_TYPE }],
      metadata: { [SWARM_EXTENSION_URI]: metadata },
    },
  };
}

export interface ReceivedDirective {
  id: DirectiveId;
  order: Order;
  metadata: DirectiveMetadata;
}

/** Errors: A2AError INVALID_PARAMS with a reason, naming the field that is wrong. Nothing is stored of such a message. */
export function fromMessage(message: Message): ReceivedDirective {
  const id = DirectiveId.safeParse(message.messageId);
  if (!id.success) throw invalid('directive_id_invalid', 'messageId must be a UUID: it is the directive’s id');
  const metadata = DirectiveMetadata.safeParse(message.metadata?.[SWARM_EXTENSION_URI]);
  if (!metadata.success)
    throw invalid('directive_metadata_invalid', `metadata["${SWARM_EXTENSION_URI}"]: ${firstIssue(metadata.error)}`);
  const parts = message.parts.filter((part) => part.mediaType === DIRECTIVE_MEDIA_TYPE);
  if (parts.length !== 1)
    throw invalid('payload_invalid', `a directive has exactly one part of media type ${DIRECTIVE_MEDIA_TYPE}`);
  const order = Order.safeParse({ kind: metadata.data.kind, payload: parts[0]?.data });
  if (!order.success)
    throw invalid('payload_invalid', `the payload of ${metadata.data.kind} is not valid: ${firstIssue(order.error)}`);
  return { id: id.data, order: order.data, metadata: metadata.data };
}

const invalid = (reason: string, message: string) => new A2AError('INVALID_PARAMS', message, { metadata: { reason } });

/** The first thing that is wrong, with its place, in one line. */
export function firstIssue(error: { issues: readonly { path: PropertyKey[]; message: string }[] }): string {
  const issue = error.issues[0];
  if (!issue) return 'it does not have the expected shape';
  return issue.path.length > 0 ? `${issue.path.map(String).join('.')}: ${issue.message}` : issue.message;
}
