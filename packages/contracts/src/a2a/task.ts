import * as z from 'zod';
import { Artifact } from './artifact.ts';
import { Message } from './message.ts';
import { TaskState } from './task-state.ts';

/** A2A v1.0 `TaskStatus`: where a task is, with what the agent says to it. */
export const TaskStatus = z.looseObject({
  state: TaskState,
  message: Message.optional(),
  /** ISO 8601 in UTC, with milliseconds. */
  timestamp: z.string().optional(),
});
export type TaskStatus = z.infer<typeof TaskStatus>;

/** A2A's unit of work. (Our own word for an order between nodes is *directive*.) */
export const Task = z.looseObject({
  id: z.string().min(1),
  contextId: z.string().optional(),
  status: TaskStatus,
  artifacts: z.array(Artifact).optional(),
  history: z.array(Message).optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
});
export type Task = z.infer<typeof Task>;
