import type { Artifact, StreamResponse, Task, TaskArtifactUpdateEvent } from '@skein/contracts/a2a';

/** Task and event make the next task. Pure, and the same for whoever folds a stream: agent, extension or client. */
export function progress(task: Task, event: StreamResponse): Task {
  if ('task' in event) return event.task;
  if ('message' in event) return task;
  if ('artifactUpdate' in event)
    return { ...task, artifacts: withArtifact(task.artifacts ?? [], event.artifactUpdate) };
  const { status, metadata } = event.statusUpdate;
  const next: Task = { ...task, status };
  const said = task.status.message;
  // What the agent said before stays readable: a status message moves into the history when the next status comes.
  if (said) next.history = [...(task.history ?? []), said];
  if (metadata) next.metadata = { ...task.metadata, ...metadata };
  return next;
}

function withArtifact(artifacts: Artifact[], { artifact, append }: TaskArtifactUpdateEvent): Artifact[] {
  const index = artifacts.findIndex(({ artifactId }) => artifactId === artifact.artifactId);
  const known = artifacts[index];
  if (!known) return [...artifacts, artifact];
  return artifacts.with(
    index,
    append ? { ...known, ...artifact, parts: [...known.parts, ...artifact.parts] } : artifact,
  );
}

/** The task with at most the last `historyLength` messages: 0 is none, `undefined` is all. */
export function withHistory(task: Task, historyLength: number | undefined): Task {
  if (historyLength === undefined || !task.history) return task;
  if (historyLength > 0 && task.history.length <= historyLength) return task;
  const { history, ...rest } = task;
  // The rest of a loose object keeps its shape; TypeScript loses it through the index signature.
  return historyLength === 0 ? (rest as Task) : { ...task, history: history.slice(-historyLength) };
}
