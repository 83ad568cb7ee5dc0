import {
  isTerminal,
  type SendMessageResponse,
  type StreamResponse,
  type TaskArtifactUpdateEvent,
  type TaskState,
  type TaskStatusUpdateEvent,
} from '@skein/contracts/a2a';
import { type JsonObject, readObject, refuse } from './json.ts';
import { readAgentMessage, writeMessage } from './messages.ts';
import { readArtifact, readStatus, readTask, writeArtifact, writeStatus, writeTask } from './tasks.ts';

/**
 * What a call answers and a stream tells. v1.0 wraps each in the one key that names it; v0.3 sends it bare, named by its
 * `kind`. A result of `message/send` is one of the first two.
 */
type EventKind = 'task' | 'message' | 'status-update' | 'artifact-update';

export function writeEvent(event: StreamResponse | SendMessageResponse): JsonObject {
  if ('task' in event) return writeTask(event.task);
  if ('message' in event) return writeMessage(event.message);
  return 'statusUpdate' in event ? writeStatusUpdate(event.statusUpdate) : writeArtifactUpdate(event.artifactUpdate);
}

export function readEvent(value: unknown): JsonObject {
  const event = readObject(value, 'result');
  switch (eventKindOf(event)) {
    case 'task':
      return { task: readTask(event, 'task') };
    case 'message':
      return { message: readAgentMessage(event, 'message') };
    case 'status-update':
      return { statusUpdate: readStatusUpdate(event) };
    case 'artifact-update':
      return { artifactUpdate: readArtifactUpdate(event) };
  }
}

/**
 * Whether v0.3's streams end with this state: its `final`. A v0.3 stream is one turn, so it ends where the agent waits
 * for the client's next message, too; v1.0's stays open there. AUTH_REQUIRED may be met without a message.
 */
function endsTurn(state: TaskState): boolean {
  return isTerminal(state) || state === 'TASK_STATE_INPUT_REQUIRED';
}

/** Whether the stream that this event stands in is over: `final` was said. */
export function endsStream(event: StreamResponse): boolean {
  return 'statusUpdate' in event && endsTurn(event.statusUpdate.status.state);
}

function writeStatusUpdate({ status, ...rest }: TaskStatusUpdateEvent): JsonObject {
  return { ...rest, kind: 'status-update', status: writeStatus(status), final: endsTurn(status.state) };
}

function readStatusUpdate({ kind: _, final: __, status, ...rest }: JsonObject): JsonObject {
  return { ...rest, status: readStatus(status, 'status') };
}

function writeArtifactUpdate({ artifact, ...rest }: TaskArtifactUpdateEvent): JsonObject {
  return { ...rest, kind: 'artifact-update', artifact: writeArtifact(artifact) };
}

function readArtifactUpdate({ kind: _, artifact, ...rest }: JsonObject): JsonObject {
  return { ...rest, artifact: readArtifact(artifact, 'artifact') };
}

/** Some writers leave out a `kind` that goes without saying. */
function eventKindOf({ kind, ...event }: JsonObject): EventKind {
  if (kind === 'task' || kind === 'message' || kind === 'status-update' || kind === 'artifact-update') return kind;
  if (kind === undefined) {
    if (event.artifact !== undefined) return 'artifact-update';
    if (event.status !== undefined) return event.taskId === undefined ? 'task' : 'status-update';
    if (event.parts !== undefined) return 'message';
  }
  return refuse('kind must be "task", "message", "status-update" or "artifact-update"');
}
