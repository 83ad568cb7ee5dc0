/** What A2A v0.3 lets a server say, from its `a2a.json`: the counterpart of `conformance/strict.ts`. */
import * as z from 'zod';

const FreeObject = z.record(z.string(), z.json());
const Text = z.string().min(1);
const Texts = z.array(Text);
const Timestamp = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

const free = { metadata: FreeObject.optional() };
/** v1.0's `mediaType` and `filename` have no place in a text or data part of v0.3, and stand beside it. */
const beside = { mediaType: Text.optional(), filename: Text.optional() };
const file = { mimeType: Text.optional(), name: Text.optional() };
const Part = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('text'), text: z.string(), ...free, ...beside }),
  z.strictObject({
    kind: z.literal('file'),
    file: z.union([z.strictObject({ bytes: z.base64(), ...file }), z.strictObject({ uri: Text, ...file })]),
    ...free,
  }),
  z.strictObject({ kind: z.literal('data'), data: FreeObject, ...free, ...beside }),
]);

const Message = z.strictObject({
  kind: z.literal('message'),
  messageId: Text,
  role: z.enum(['user', 'agent']),
  parts: z.array(Part).min(1),
  contextId: Text.optional(),
  taskId: Text.optional(),
  extensions: Texts.optional(),
  referenceTaskIds: Texts.optional(),
  ...free,
});
const states = ['submitted', 'working', 'input-required', 'completed', 'canceled', 'failed', 'rejected'] as const;
const Status = z.strictObject({
  state: z.enum([...states, 'auth-required', 'unknown']),
  message: Message.optional(),
  timestamp: Timestamp.optional(),
});
const Artifact = z.strictObject({
  artifactId: Text,
  name: Text.optional(),
  description: Text.optional(),
  parts: z.array(Part).min(1),
  extensions: Texts.optional(),
  ...free,
});
const Task = z.strictObject({
  kind: z.literal('task'),
  id: Text,
  contextId: Text,
  status: Status,
  artifacts: z.array(Artifact).optional(),
  history: z.array(Message).optional(),
  ...free,
});
const event = { taskId: Text, contextId: Text, ...free };
const StreamEvent = z.discriminatedUnion('kind', [
  Task,
  Message,
  z.strictObject({ kind: z.literal('status-update'), status: Status, final: z.boolean(), ...event }),
  z.strictObject({
    kind: z.literal('artifact-update'),
    artifact: Artifact,
    append: z.boolean().optional(),
    lastChunk: z.boolean().optional(),
    ...event,
  }),
]);
const TaskConfig = z.strictObject({
  tenant: Text.optional(),
  taskId: Text,
  pushNotificationConfig: z.strictObject({
    id: Text.optional(),
    url: Text,
    token: z.string().optional(),
    authentication: z.strictObject({ schemes: Texts, credentials: z.string().optional() }).optional(),
  }),
});
/** The card's own rules are held elsewhere; here, that it is v0.3's. */
const Card = z.looseObject({ protocolVersion: z.literal('0.3.0'), url: Text, name: Text, preferredTransport: Text });

export const v03Results: Readonly<Record<string, z.ZodType>> = {
  'message/send': z.discriminatedUnion('kind', [Task, Message]),
  'message/stream': StreamEvent,
  'tasks/get': Task,
  'tasks/cancel': Task,
  'tasks/resubscribe': StreamEvent,
  'tasks/pushNotificationConfig/set': TaskConfig,
  'tasks/pushNotificationConfig/get': TaskConfig,
  'tasks/pushNotificationConfig/list': z.array(TaskConfig),
  'tasks/pushNotificationConfig/delete': z.null(),
  'agent/getAuthenticatedExtendedCard': Card,
};
export { Card as V03Card };
