export {
  AgentCapabilities,
  AgentCard,
  AgentCardSignature,
  AgentExtension,
  AgentInterface,
  AgentProvider,
  AgentSkill,
  SecurityRequirement,
  SecurityScheme,
} from './agent-card.ts';
export { Artifact } from './artifact.ts';
export { Message, Role } from './message.ts';
export {
  CancelTaskParams,
  GetExtendedAgentCardParams,
  GetTaskParams,
  SendMessageConfiguration,
  SendMessageParams,
  SubscribeToTaskParams,
} from './methods.ts';
export { Part } from './part.ts';
export {
  AuthenticationInfo,
  CreatePushConfigParams,
  ListPushConfigsParams,
  ListPushConfigsResponse,
  PushConfigParams,
  TaskPushNotificationConfig,
} from './push-config.ts';
export { SendMessageResponse, StreamResponse, TaskArtifactUpdateEvent, TaskStatusUpdateEvent } from './stream.ts';
export { Task, TaskStatus } from './task.ts';
export { ListTasksParams, ListTasksResponse, MAX_TASK_PAGE } from './task-list.ts';
export { isInterrupted, isTerminal, TaskState } from './task-state.ts';
