import * as z from 'zod';

/**
 * Where a task stands.
 *
 *     SUBMITTED → WORKING ⇄ INPUT_REQUIRED, AUTH_REQUIRED   (interrupted: the client's turn)
 *         └──────────┴────→ COMPLETED, FAILED, CANCELED, REJECTED   (terminal: for ever)
 */
export const TaskState = z.enum([
  'TASK_STATE_SUBMITTED',
  'TASK_STATE_WORKING',
  'TASK_STATE_COMPLETED',
  'TASK_STATE_FAILED',
  'TASK_STATE_CANCELED',
  'TASK_STATE_INPUT_REQUIRED',
  'TASK_STATE_REJECTED',
  'TASK_STATE_AUTH_REQUIRED',
]);
export type TaskState = z.infer<typeof TaskState>;

const phases = {
  TASK_STATE_SUBMITTED: 'active',
  TASK_STATE_WORKING: 'active',
  TASK_STATE_COMPLETED: 'terminal',
  TASK_STATE_FAILED: 'terminal',
  TASK_STATE_CANCELED: 'terminal',
  TASK_STATE_INPUT_REQUIRED: 'interrupted',
  TASK_STATE_REJECTED: 'terminal',
  TASK_STATE_AUTH_REQUIRED: 'interrupted',
} as const satisfies Record<TaskState, 'active' | 'interrupted' | 'terminal'>;

/** Nothing follows a terminal state. */
export function isTerminal(state: TaskState): boolean {
  return phases[state] === 'terminal';
}

/** The agent waits for the client: a blocking call returns here, a stream stays open. */
export function isInterrupted(state: TaskState): boolean {
  return phases[state] === 'interrupted';
}
