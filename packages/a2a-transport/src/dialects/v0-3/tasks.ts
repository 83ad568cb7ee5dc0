import type { Artifact, Task, TaskState, TaskStatus } from '@skein/contracts/a2a';
import { expectKind, given, type JsonObject, readList, readObject, refuse } from './json.ts';
import { readAgentMessage, readMessage, writeMessage } from './messages.ts';
import { readPart, writePart } from './parts.ts';

/** v0.3 has a ninth, `unknown`. v1.0 has no word for it, and any other would be a claim: it is refused. */
const states = {
  TASK_STATE_SUBMITTED: 'submitted',
  TASK_STATE_WORKING: 'working',
  TASK_STATE_COMPLETED: 'completed',
  TASK_STATE_FAILED: 'failed',
  TASK_STATE_CANCELED: 'canceled',
  TASK_STATE_INPUT_REQUIRED: 'input-required',
  TASK_STATE_REJECTED: 'rejected',
  TASK_STATE_AUTH_REQUIRED: 'auth-required',
} as const satisfies Record<TaskState, string>;

const statesByWord = new Map<unknown, string>(Object.entries(states).map(([state, word]) => [word, state]));

export function writeTask({ status, artifacts, history, ...rest }: Task): JsonObject {
  return given({
    ...rest,
    kind: 'task',
    status: writeStatus(status),
    artifacts: artifacts?.map(writeArtifact),
    history: history?.map(writeMessage),
  });
}

export function readTask(value: unknown, where: string): JsonObject {
  const { kind, status, artifacts, history, ...rest } = readObject(value, where);
  expectKind(kind, 'task', where);
  return given({
    ...rest,
    status: readStatus(status, `${where}.status`),
    artifacts: artifacts === undefined ? undefined : readList(artifacts, `${where}.artifacts`, readArtifact),
    history: history === undefined ? undefined : readList(history, `${where}.history`, readMessage),
  });
}

export function writeStatus({ state, message, ...rest }: TaskStatus): JsonObject {
  return { state: states[state], ...(message && { message: writeMessage(message) }), ...rest };
}

export function readStatus(value: unknown, where: string): JsonObject {
  const { state: word, message, ...rest } = readObject(value, where);
  const state =
    statesByWord.get(word) ?? refuse(`${where}.state must be one of ${[...statesByWord.keys()].join(', ')}`);
  return { state, ...(message !== undefined && { message: readAgentMessage(message, `${where}.message`) }), ...rest };
}

export function writeArtifact({ parts, ...rest }: Artifact): JsonObject {
  return { ...rest, parts: parts.map(writePart) };
}

export function readArtifact(value: unknown, where: string): JsonObject {
  const { parts, ...rest } = readObject(value, where);
  return { ...rest, parts: readList(parts, `${where}.parts`, readPart) };
}
