import * as z from 'zod';
import { Artifact } from './artifact.ts';
import { Message } from './message.ts';
import { Task, TaskStatus } from './task.ts';

/** A2A v1.0 `TaskStatusUpdateEvent`. */
export const TaskStatusUpdateEvent = z.looseObject({
  taskId: z.string().min(1),
  contextId: z.string(),
  status: TaskStatus,
  metadata: z.record(z.string(), z.unknown()).optional(),
});
export type TaskStatusUpdateEvent = z.infer<typeof TaskStatusUpdateEvent>;

/** A2A v1.0 `TaskArtifactUpdateEvent`: an artifact, or with `append` the next piece of one. */
export const TaskArtifactUpdateEvent = z.looseObject({
  taskId: z.string().min(1),
  contextId: z.string(),
  artifact: Artifact,
  /** Whether the parts continue the artifact of the same id instead of replacing it. */
  append: z.boolean().optional(),
  lastChunk: z.boolean().optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
});
export type TaskArtifactUpdateEvent = z.infer<typeof TaskArtifactUpdateEvent>;

/** One event of a stream: told apart by its only key (`'task' in event`), so what is unknown beside it is dropped. */
export const StreamResponse = z.union([
  z.object({ task: Task }),
  z.object({ message: Message }),
  z.object({ statusUpdate: TaskStatusUpdateEvent }),
  z.object({ artifactUpdate: TaskArtifactUpdateEvent }),
]);
export type StreamResponse = z.infer<typeof StreamResponse>;

/** What SendMessage answers: the task, or the agent's message when it needed none. */
export const SendMessageResponse = z.union([z.object({ task: Task }), z.object({ message: Message })]);
export type SendMessageResponse = z.infer<typeof SendMessageResponse>;
