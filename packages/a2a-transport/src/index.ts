export { agentCardHash, canonicalAgentCard } from './cards/canonical-card.ts';
export type { CardAlgorithm, CardKey } from './cards/card-algorithms.ts';
export { type AgentCardCache, type CachedCard, createAgentCardCache } from './cards/card-cache.ts';
export type { AgentCardPins } from './cards/card-pins.ts';
export { escapeCardText } from './cards/card-text.ts';
export {
  type AgentCardSigner,
  type AgentCardSignerOptions,
  createAgentCardSigner,
  signAgentCard,
} from './cards/sign-card.ts';
export {
  type PinnedCardKey,
  type VerifiedAgentCard,
  type VerifyAgentCardOptions,
  verifyAgentCard,
} from './cards/verify-card.ts';
export {
  agentCardUrl,
  type ResolveAgentCardOptions,
  resolveAgentCard,
} from './client/agent-card-resolver.ts';
export { type A2AClient, createA2AClient } from './client/client.ts';
export type { A2AClientOptions, CallOptions } from './client/client-options.ts';
export { type ConnectedA2AClient, type ConnectOptions, connectA2AClient } from './client/connect-client.ts';
export { createGuardedHttp, type GuardedHttp } from './client/guarded-http.ts';
export type { HttpPort, HttpReply, HttpRequest } from './client/http-port.ts';
export type { AllowedTarget } from './client/target-rules.ts';
export { textOf } from './client/text-of.ts';
export { createUndiciHttp } from './client/undici-http.ts';
export {
  type CortexCallOptions,
  type CortexClient,
  type CortexClientOptions,
  createCortexClient,
} from './dialects/cortex/cortex-client.ts';
export type { CortexDirective } from './dialects/cortex/cortex-directive.ts';
export type { CortexPeerHandler, CortexRun } from './dialects/cortex/cortex-handler.ts';
export { type CortexPeer, DEFAULT_CORTEX_KINDS } from './dialects/cortex/cortex-peers.ts';
export { type CortexRoutes, type CortexRoutesOptions, createCortexRoutes } from './dialects/cortex/cortex-routes.ts';
export {
  type CortexMetrics,
  type CortexOutcome,
  type CortexTask,
  noCortexMetrics,
} from './dialects/cortex/cortex-task.ts';
export { readCard as readV03Card } from './dialects/v0-3/card.ts';
export {
  A2AClientError,
  type A2AClientErrorCode,
  A2AError,
  type A2AReason,
  ApplicationError,
  type RpcFailure,
} from './errors.ts';
export { assertSafeJson, MAX_JSON_DEPTH } from './json-rpc/safe-json.ts';
export type { ExtendedCard } from './operations/get-extended-agent-card.ts';
export {
  createPushNotifications,
  type PushNotificationOptions,
} from './push/create-push-notifications.ts';
export { createInMemoryPushConfigStore } from './push/in-memory-push-config-store.ts';
export type { NewPushConfig, PushConfigKey, PushConfigStore, StoredPushConfig } from './push/push-config-store.ts';
export { createPushReceiver, type PushNotice, type PushReceiverOptions } from './push/push-receiver.ts';
export { PUSH_STATUS_EXTENSION, type PushDelivery, withPushStatus } from './push/push-status.ts';
export type {
  AgentArtifact,
  AgentEvent,
  AgentExecutor,
  AgentMessage,
  ExecutionContext,
  ExecutionRequest,
} from './server/agent-executor.ts';
export type { AgentDescription } from './server/card-source.ts';
export type { ExtensionMethod, ServerExtension } from './server/extensions.ts';
export type { EventBatches, MessageHandler } from './server/message-handler.ts';
export type { Authentication, Authenticator, CallContext, Principal } from './server/principal.ts';
export { type BodyRead, readBody } from './server/request-body.ts';
export { type ServedA2A, type ServeOptions, serveA2A } from './server/serve-a2a.ts';
export { type A2AServer, createA2AServer } from './server/server.ts';
export type { A2AServerLimits, A2AServerOptions } from './server/server-options.ts';
export { settledAnswer } from './server/settled-answer.ts';
export { progress, withHistory } from './server/task-progress.ts';
export { createInMemoryTaskStore } from './tasks/in-memory-task-store.ts';
export { GAP_KEY, type StreamedEvent } from './tasks/streamed-event.ts';
export { ownerOf } from './tasks/task-owner.ts';
export {
  compareTasks,
  cursorOf,
  type LoggedEvent,
  type OwnedTask,
  type StoredTask,
  type TaskCursor,
  type TaskOwner,
  type TaskPage,
  type TaskQuery,
  type TaskStep,
  type TaskStore,
  TaskStoreError,
} from './tasks/task-store.ts';
