/**
 * A directive as CortexPrism says it: one text part that holds JSON, with its kind in the message's metadata. The sender
 * that is named in it is a claim; nobody vouches for it.
 */
import * as z from 'zod';
import { A2AError } from '../../errors.ts';
import { assertSafeJson, MAX_JSON_DEPTH } from '../../json-rpc/safe-json.ts';

const Priority = z.enum(['low', 'normal', 'high', 'critical']);

/** An order to or from a CortexPrism instance, in its own kinds and payloads. */
export interface CortexDirective {
  /** `dir_…`: the same id again is the same directive. */
  messageId: string;
  /** `spawn_agent`, `execute_task`, `query_resources`, `forward_message` or `sync_state`; an open word. */
  kind: string;
  payload: Readonly<Record<string, unknown>>;
  priority: z.infer<typeof Priority>;
  /** Whom the sender says that it is. */
  sourceNodeId?: string;
}

/** Lower-case roles are its own; those of v1.0 are taken, too. */
const WireMessage = z.looseObject({
  messageId: z.string().min(1).max(255),
  role: z.enum(['user', 'agent', 'ROLE_USER', 'ROLE_AGENT']),
  parts: z.array(z.looseObject({ text: z.string().optional() })).min(1),
  metadata: z
    .looseObject({
      swarmKind: z.string().max(63).optional(),
      swarmPriority: Priority.optional(),
      swarmSourceNodeId: z.string().max(255).optional(),
    })
    .optional(),
});

const Envelope = z.record(z.string(), z.unknown());
const Told = z.looseObject({
  kind: z.string().min(1).max(63).optional(),
  priority: Priority.optional(),
  sourceNodeId: z.string().max(255).optional(),
  payload: Envelope.optional(),
});

/**
 * The directive in the parameters of a SendMessage. `configuration.blocking` is not looked at: whatever is asked for,
 * CortexPrism takes a task that still runs for a completed one. Errors: A2AError INVALID_PARAMS.
 */
export function readCortexDirective(params: unknown): CortexDirective {
  const parsed = z.looseObject({ message: WireMessage }).safeParse(params);
  if (!parsed.success) throw invalid(`this is no message: ${whatIsWrong(parsed.error)}`);
  const { messageId, parts, metadata = {} } = parsed.data.message;
  const envelope = readEnvelope(parts.find(({ text }) => text !== undefined)?.text);
  const told = Told.safeParse(envelope);
  if (!told.success) throw invalid(`the directive is not readable: ${whatIsWrong(told.error)}`);
  const kind = metadata.swarmKind ?? told.data.kind;
  if (kind === undefined) throw invalid('this endpoint takes swarm directives alone: metadata.swarmKind is missing');
  if (told.data.kind !== undefined && told.data.kind !== kind)
    throw invalid('the message and its metadata name different kinds');
  const sourceNodeId = metadata.swarmSourceNodeId ?? told.data.sourceNodeId;
  return {
    ...{ messageId, kind },
    payload: told.data.payload ?? withoutEnvelope(envelope),
    priority: metadata.swarmPriority ?? told.data.priority ?? 'normal',
    ...(sourceNodeId !== undefined && { sourceNodeId }),
  };
}

/** The text is JSON within JSON: what holds for a body holds for it as well. */
function readEnvelope(text: string | undefined): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(text ?? '');
  } catch (cause) {
    throw invalid('the text of a swarm directive is a JSON object', cause);
  }
  assertSafeJson(json, MAX_JSON_DEPTH);
  const envelope = Envelope.safeParse(json);
  if (envelope.success && !Array.isArray(json)) return envelope.data;
  throw invalid('the text of a swarm directive is a JSON object');
}

/** A build that sends the payload without an envelope around it. */
function withoutEnvelope(envelope: Record<string, unknown>): Record<string, unknown> {
  const { kind: _kind, priority: _priority, sourceNodeId: _source, ...payload } = envelope;
  return payload;
}

/**
 * The parameters of a SendMessage that instances of both sorts understand: those that hand the whole text to a handler
 * as the payload find the payload's keys in it, those that unwrap it find `payload`.
 */
export function writeCortexDirective(directive: CortexDirective) {
  const { messageId, kind, payload, priority, sourceNodeId } = directive;
  const source = sourceNodeId === undefined ? {} : { sourceNodeId };
  return {
    message: {
      messageId,
      role: 'ROLE_USER', // CortexPrism takes it for its own `user`, and a proxy that knows v1.0 lets it pass
      parts: [{ text: JSON.stringify({ ...payload, kind, payload, priority, ...source }) }],
      metadata: {
        contextId: `swarm.${messageId}`,
        swarmKind: kind,
        swarmPriority: priority,
        ...(sourceNodeId !== undefined && { swarmSourceNodeId: sourceNodeId }),
      },
    },
    configuration: { blocking: true, acceptedOutputModes: ['text'], historyLength: 0 },
  };
}

const invalid = (message: string, cause?: unknown) => new A2AError('INVALID_PARAMS', message, { cause });

function whatIsWrong({ issues: [issue] }: z.ZodError): string {
  return issue ? `${issue.path.map(String).join('.')}: ${issue.message}` : 'it does not have the expected shape';
}
