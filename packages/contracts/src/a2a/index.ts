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
export { CancelTaskParams, GetTaskParams, SendMessageConfiguration, SendMessageParams } from './methods.ts';
export { Part } from './part.ts';
export { SendMessageResponse, StreamResponse, TaskArtifactUpdateEvent, TaskStatusUpdateEvent } from './stream.ts';
export { Task, TaskStatus } from './task.ts';
export { isInterrupted, isTerminal, TaskState } from './task-state.ts';
