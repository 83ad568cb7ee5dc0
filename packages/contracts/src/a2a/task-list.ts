import * as z from 'zod';
import { historyLength } from './methods.ts';
import { Task } from './task.ts';
import { TaskState } from './task-state.ts';

/** Most tasks that a page may hold, by the specification. */
export const MAX_TASK_PAGE = 100;

/** A2A v1.0 `ListTasks`: which of the caller's tasks, newest status first. */
export const ListTasksParams = z.looseObject({
  tenant: z.string().optional(),
  contextId: z.string().optional(),
  /** `TASK_STATE_UNSPECIFIED`, protobuf's default, is none. */
  status: z.union([TaskState, z.literal('TASK_STATE_UNSPECIFIED').transform(() => undefined)]).optional(),
  /** Tasks on a page, 1 to 100. @default 50 */
  pageSize: z.int().min(1).max(MAX_TASK_PAGE).optional(),
  /** `nextPageToken` of the page before; empty is the first page. */
  pageToken: z.string().optional(),
  historyLength,
  /** ISO 8601: only tasks whose status is of then or later. */
  statusTimestampAfter: z.iso.datetime({ offset: true }).optional(),
  /** @default false, and then `artifacts` is left out altogether */
  includeArtifacts: z.boolean().optional(),
});
export type ListTasksParams = z.infer<typeof ListTasksParams>;

/** A page of tasks. `nextPageToken` is always there, and empty on the last page. */
export const ListTasksResponse = z.looseObject({
  // Writers that leave defaults out (protobuf's JSON does) are read as empty.
  tasks: z.array(Task).default([]),
  nextPageToken: z.string().default(''),
  pageSize: z.int().default(0),
  /** All that match, whatever the page. */
  totalSize: z.int().default(0),
});
export type ListTasksResponse = z.infer<typeof ListTasksResponse>;
