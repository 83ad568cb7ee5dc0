/** Tasks and steps for the suites of A2A's stores. */
import { randomUUID } from 'node:crypto';
import type { TaskStep, TaskStore } from '@skein/a2a-transport';
import type { StreamResponse, Task, TaskState } from '@skein/contracts/a2a';

/** A moment of the samples, as a status says it. */
export const at = (second: number): string => new Date(Date.UTC(2026, 0, 1) + second * 1_000).toISOString();

export function newTask(own: Partial<Task> = {}, state: TaskState = 'TASK_STATE_WORKING', second = 0): Task {
  return { id: randomUUID(), contextId: 'context', status: { state, timestamp: at(second) }, ...own };
}

/** An event with values that a careless column gives back as something else. */
export function newEvent(taskId: string, note: string): StreamResponse {
  const artifact = {
    artifactId: '42',
    parts: [{ text: `${note} a\0b\x1e\x1f \\ " é 😀 \ud800` }],
    extra: { '42': [null, 42] },
  };
  return { artifactUpdate: { taskId, contextId: 'context', artifact } };
}

export const newEvents = (taskId: string, count: number, note = 'event') =>
  Array.from({ length: count }, (_, n) => newEvent(taskId, `${note} ${n}`));

/** The task's first step, of one event that tells of the task itself. */
export function firstStep(task: Task, own: Partial<TaskStep> = {}): TaskStep {
  return { owner: 'alice', task, after: 0, events: [{ task }], running: true, ...own };
}

export async function numbersOf(
  store: TaskStore,
  owner: string,
  id: string,
  after = 0,
  limit = 1_000,
): Promise<number[]> {
  return (await store.events(owner, id, after, limit)).map(({ seq }) => seq);
}
