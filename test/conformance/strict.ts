/**
 * What A2A v1.0 lets a server say, and nothing more: no unknown key, no `null`, no enum or time in another spelling.
 * The product's own schemas are loose, as the protocol wants readers to be; these are written apart from them, from
 * `a2a.proto`, so that a fault cannot hide in both.
 */
import * as z from 'zod';

/** Free JSON of users: `metadata`, `params`, `data`. Only here may a `null` stand. */
const FreeObject = z.record(z.string(), z.json());
const Text = z.string().min(1);
const Texts = z.array(Text);

/** `YYYY-MM-DDTHH:mm:ss.sssZ` */
const Timestamp = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const TaskState = z.enum([
  'TASK_STATE_SUBMITTED',
  'TASK_STATE_WORKING',
  'TASK_STATE_COMPLETED',
  'TASK_STATE_FAILED',
  'TASK_STATE_CANCELED',
  'TASK_STATE_INPUT_REQUIRED',
  'TASK_STATE_REJECTED',
  'TASK_STATE_AUTH_REQUIRED',
]);

const anyPart = { mediaType: Text.optional(), filename: Text.optional(), metadata: FreeObject.optional() };
const Part = z.union([
  z.strictObject({ text: z.string(), ...anyPart }),
  z.strictObject({ raw: z.base64(), ...anyPart }),
  z.strictObject({ url: Text, ...anyPart }),
  z.strictObject({ data: z.json(), ...anyPart }),
]);

const spoken = {
  messageId: Text,
  parts: z.array(Part).min(1),
  metadata: FreeObject.optional(),
  extensions: Texts.optional(),
  referenceTaskIds: Texts.optional(),
};
/** "For server messages, context_id must be provided." */
const AgentMessage = z.strictObject({
  role: z.literal('ROLE_AGENT'),
  contextId: Text,
  taskId: Text.optional(),
  ...spoken,
});
const UserMessage = z.strictObject({
  role: z.literal('ROLE_USER'),
  contextId: Text.optional(),
  taskId: Text.optional(),
  ...spoken,
});

const TaskStatus = z.strictObject({
  state: TaskState,
  message: AgentMessage.optional(),
  timestamp: Timestamp,
});
const Artifact = z.strictObject({
  artifactId: Text,
  name: Text.optional(),
  description: Text.optional(),
  parts: z.array(Part).min(1),
  metadata: FreeObject.optional(),
  extensions: Texts.optional(),
});
const Task = z
  .strictObject({
    id: Text,
    contextId: Text,
    status: TaskStatus,
    artifacts: z.array(Artifact).optional(),
    history: z.array(z.union([AgentMessage, UserMessage])).optional(),
    metadata: FreeObject.optional(),
  })
  .refine(({ artifacts = [] }) => new Set(artifacts.map((each) => each.artifactId)).size === artifacts.length, {
    error: 'an artifactId is unique within its task',
  });

const event = { taskId: Text, contextId: Text, metadata: FreeObject.optional() };
const TaskStatusUpdateEvent = z.strictObject({ ...event, status: TaskStatus });
const TaskArtifactUpdateEvent = z.strictObject({
  ...event,
  artifact: Artifact,
  append: z.boolean().optional(),
  lastChunk: z.boolean().optional(),
});

const SendMessageResponse = z.union([z.strictObject({ task: Task }), z.strictObject({ message: AgentMessage })]);
export const StreamResponse = z.union([
  z.strictObject({ task: Task }),
  z.strictObject({ message: AgentMessage }),
  z.strictObject({ statusUpdate: TaskStatusUpdateEvent }),
  z.strictObject({ artifactUpdate: TaskArtifactUpdateEvent }),
]);
export type StreamResponse = z.infer<typeof StreamResponse>;

const ListTasksResponse = z.strictObject({
  tasks: z.array(Task),
  nextPageToken: z.string(),
  pageSize: z.int().min(1).max(100),
  totalSize: z.int().nonnegative(),
});

const TaskPushNotificationConfig = z.strictObject({
  tenant: Text.optional(),
  id: Text,
  taskId: Text,
  url: Text,
  token: Text.optional(),
  authentication: z.strictObject({ scheme: Text, credentials: Text.optional() }).optional(),
});
const ListPushConfigsResponse = z.strictObject({
  configs: z.array(TaskPushNotificationConfig).optional(),
  nextPageToken: z.string().optional(),
});

const Scopes = z.record(z.string(), z.string());
const about = { description: z.string().optional() };
const flow = { tokenUrl: Text, refreshUrl: Text.optional(), scopes: Scopes };
const OAuthFlows = z.union([
  z.strictObject({
    authorizationCode: z.strictObject({ ...flow, authorizationUrl: Text, pkceRequired: z.boolean().optional() }),
  }),
  z.strictObject({ clientCredentials: z.strictObject(flow) }),
  z.strictObject({ deviceCode: z.strictObject({ ...flow, deviceAuthorizationUrl: Text }) }),
]);
const SecurityScheme = z.union([
  z.strictObject({
    apiKeySecurityScheme: z.strictObject({ ...about, location: z.enum(['query', 'header', 'cookie']), name: Text }),
  }),
  z.strictObject({
    httpAuthSecurityScheme: z.strictObject({ ...about, scheme: Text, bearerFormat: Text.optional() }),
  }),
  z.strictObject({
    oauth2SecurityScheme: z.strictObject({ ...about, flows: OAuthFlows, oauth2MetadataUrl: Text.optional() }),
  }),
  z.strictObject({ openIdConnectSecurityScheme: z.strictObject({ ...about, openIdConnectUrl: Text }) }),
  z.strictObject({ mtlsSecurityScheme: z.strictObject(about) }),
]);
const SecurityRequirement = z.strictObject({
  schemes: z.record(z.string(), z.strictObject({ list: Texts.optional() })),
});

export const AgentCard = z.strictObject({
  name: Text,
  description: Text,
  supportedInterfaces: z
    .array(
      z.strictObject({
        url: z.url(),
        protocolBinding: Text,
        tenant: Text.optional(),
        protocolVersion: z.string().regex(/^\d+\.\d+$/),
      }),
    )
    .min(1),
  provider: z.strictObject({ url: Text, organization: Text }).optional(),
  version: Text,
  documentationUrl: Text.optional(),
  capabilities: z.strictObject({
    streaming: z.boolean().optional(),
    pushNotifications: z.boolean().optional(),
    extensions: z
      .array(
        z.strictObject({
          uri: Text,
          description: Text.optional(),
          required: z.boolean().optional(),
          params: FreeObject.optional(),
        }),
      )
      .optional(),
    extendedAgentCard: z.boolean().optional(),
  }),
  securitySchemes: z.record(z.string(), SecurityScheme).optional(),
  securityRequirements: z.array(SecurityRequirement).optional(),
  defaultInputModes: Texts.min(1),
  defaultOutputModes: Texts.min(1),
  skills: z
    .array(
      z.strictObject({
        id: Text,
        name: Text,
        description: Text,
        tags: Texts.min(1),
        examples: Texts.optional(),
        inputModes: Texts.optional(),
        outputModes: Texts.optional(),
        securityRequirements: z.array(SecurityRequirement).optional(),
      }),
    )
    .min(1),
  signatures: z
    .array(
      z.strictObject({
        protected: z.base64url().min(1),
        signature: z.base64url().min(1),
        header: FreeObject.optional(),
      }),
    )
    .optional(),
  iconUrl: Text.optional(),
});

/** What each operation answers, whatever binding carries it. Of a stream: each of its events. */
export const results = {
  SendMessage: SendMessageResponse,
  SendStreamingMessage: StreamResponse,
  GetTask: Task,
  ListTasks: ListTasksResponse,
  CancelTask: Task,
  SubscribeToTask: StreamResponse,
  CreateTaskPushNotificationConfig: TaskPushNotificationConfig,
  GetTaskPushNotificationConfig: TaskPushNotificationConfig,
  ListTaskPushNotificationConfigs: ListPushConfigsResponse,
  DeleteTaskPushNotificationConfig: z.strictObject({}),
  GetExtendedAgentCard: AgentCard,
} as const;
export type Method = keyof typeof results;

const ErrorInfo = z.strictObject({
  '@type': z.literal('type.googleapis.com/google.rpc.ErrorInfo'),
  reason: z.string().regex(/^[A-Z][A-Z0-9_]+$/),
  domain: Text,
  metadata: z.record(z.string(), z.string()).optional(),
});
const BadRequest = z.strictObject({
  '@type': z.literal('type.googleapis.com/google.rpc.BadRequest'),
  fieldViolations: z.array(z.strictObject({ field: z.string(), description: Text })).min(1),
});
/** Errors of which each carries an ErrorInfo first, as A2A.md 7 wants it of every error. */
const details = z.tuple([ErrorInfo], z.union([ErrorInfo, BadRequest]));

const JsonRpcError = z.strictObject({ code: z.int(), message: Text, data: details });
const Id = z.union([z.string(), z.number(), z.null()]);
export const ErrorReply = z.strictObject({ jsonrpc: z.literal('2.0'), id: Id, error: JsonRpcError });
export type ErrorReply = z.infer<typeof ErrorReply>;

/** A JSON-RPC reply of one method: its result, or an error, never both. */
export function replyOf<Schema extends z.ZodType>(result: Schema) {
  return z.union([z.strictObject({ jsonrpc: z.literal('2.0'), id: Id, result }), ErrorReply]);
}

/** An error of the HTTP+JSON binding: google.rpc.Status under `error`. */
export const HttpError = z.strictObject({
  error: z.strictObject({
    code: z.int().min(400).max(599),
    status: z.string().regex(/^[A-Z_]+$/),
    message: Text,
    details,
  }),
});
