/**
 * A directive's A2A task: what its inbox row looks like from outside. It is computed from the row each time and stored
 * nowhere, so that the two can never disagree.
 */
import { type DatabaseId, DirectiveResult, InboxState, RESULT_MEDIA_TYPE, SWARM_EXTENSION_URI } from '@skein/contracts';
import type { Artifact, StreamResponse, Task, TaskState, TaskStatus } from '@skein/contracts/a2a';
import { type InboxRow, type ShownState, statusAt } from './inbox-store.ts';

export const RESULT_ARTIFACT = 'result';

const taskStates = {
  received: 'TASK_STATE_SUBMITTED',
  awaiting_approval: 'TASK_STATE_AUTH_REQUIRED',
  leased: 'TASK_STATE_WORKING',
  running: 'TASK_STATE_WORKING',
  completed: 'TASK_STATE_COMPLETED',
  failed: 'TASK_STATE_FAILED',
  cancelled: 'TASK_STATE_CANCELED',
  timed_out: 'TASK_STATE_FAILED',
  rejected: 'TASK_STATE_REJECTED',
  interrupted: 'TASK_STATE_FAILED',
} as const satisfies Record<InboxState, TaskState>;

/** What never started was refused, in A2A's words; what ran out of time while running failed. */
function taskState(state: InboxState, started: boolean): TaskState {
  return state === 'timed_out' && !started ? 'TASK_STATE_REJECTED' : taskStates[state];
}

/** The other way about: which rows show this state. */
export function statesShownAs(shown: TaskState): ShownState[] {
  return InboxState.options.flatMap((state) =>
    [true, false].filter((started) => taskState(state, started) === shown).map((started) => ({ state, started })),
  );
}

function taskStatus(row: InboxRow): TaskStatus {
  const text = row.result?.error?.message;
  return {
    state: taskState(row.state, row.starts > 0),
    timestamp: new Date(statusAt(row)).toISOString(),
    ...(text && { message: { messageId: row.rowId, role: 'ROLE_AGENT', parts: [{ text }] } }),
  };
}

function resultArtifact(row: InboxRow): Artifact | undefined {
  if (!row.result) return undefined;
  return {
    artifactId: RESULT_ARTIFACT,
    extensions: [SWARM_EXTENSION_URI],
    parts: [{ data: row.result, mediaType: RESULT_MEDIA_TYPE }],
  };
}

/** The context of a directive is the directive itself. */
const contextId = (row: InboxRow) => row.id;

export function toTask(row: InboxRow, databaseId: DatabaseId): Task {
  const artifact = resultArtifact(row);
  return {
    id: row.rowId,
    contextId: contextId(row),
    status: taskStatus(row),
    ...(artifact && { artifacts: [artifact] }),
    metadata: { [SWARM_EXTENSION_URI]: { databaseId, state: row.state } },
  };
}

/** The events that tell of a row's new state: its result first, where it is final, so that the end comes last. */
export function* toEvents(row: InboxRow): Iterable<StreamResponse> {
  const artifact = resultArtifact(row);
  const ids = { taskId: row.rowId, contextId: contextId(row) };
  if (artifact) yield { artifactUpdate: { ...ids, artifact, lastChunk: true } };
  yield {
    statusUpdate: { ...ids, status: taskStatus(row), metadata: { [SWARM_EXTENSION_URI]: { state: row.state } } },
  };
}

/** Output as it comes: a chunk of the artifact named after its stream. */
export function toOutputEvent(row: InboxRow, stream: 'stdout' | 'stderr', text: string): StreamResponse {
  return {
    artifactUpdate: {
      taskId: row.rowId,
      contextId: contextId(row),
      artifact: { artifactId: stream, parts: [{ text }] },
      append: true,
    },
  };
}

/** What one event of a directive's stream tells its sender. */
export type DirectiveNews =
  | { type: 'task'; taskId: string; databaseId: string | undefined }
  | { type: 'state'; heard: 'running' | 'awaiting_approval' }
  | { type: 'output'; stream: 'stdout' | 'stderr'; text: string }
  | { type: 'result'; result: DirectiveResult };

/** Reads a stream event; what tells nothing new yields nothing. A result that has not its shape throws. */
export function* readNews(event: StreamResponse): Iterable<DirectiveNews> {
  if ('task' in event) {
    const said = event.task.metadata?.[SWARM_EXTENSION_URI] as { databaseId?: unknown } | undefined; // read, not trusted
    const databaseId = typeof said?.databaseId === 'string' ? said.databaseId : undefined;
    yield { type: 'task', taskId: event.task.id, databaseId };
    for (const artifact of event.task.artifacts ?? []) yield* readArtifact(artifact);
  } else if ('artifactUpdate' in event) {
    yield* readArtifact(event.artifactUpdate.artifact);
  } else if ('statusUpdate' in event) {
    const { state } = event.statusUpdate.status;
    if (state === 'TASK_STATE_WORKING') yield { type: 'state', heard: 'running' };
    if (state === 'TASK_STATE_AUTH_REQUIRED') yield { type: 'state', heard: 'awaiting_approval' };
  }
}

function* readArtifact(artifact: Artifact): Iterable<DirectiveNews> {
  const { artifactId } = artifact;
  if (artifactId === RESULT_ARTIFACT) {
    const part = artifact.parts.find(({ mediaType }) => mediaType === RESULT_MEDIA_TYPE);
    if (part) yield { type: 'result', result: DirectiveResult.parse(part.data) };
  } else if (artifactId === 'stdout' || artifactId === 'stderr') {
    for (const { text } of artifact.parts) if (text !== undefined) yield { type: 'output', stream: artifactId, text };
  }
}
