import { A2AError } from '../errors.ts';

/** A place in a task's log, as the `id:` of a server-sent event says it and `Last-Event-ID` brings it back. */
export interface EventPlace {
  readonly taskId: string;
  readonly seq: number;
}

export function writeEventId({ taskId, seq }: EventPlace): string {
  return `${taskId}/${seq}`;
}

/** Throws A2AError `INVALID_PARAMS` for what is no id of ours. */
export function readEventId(id: string): EventPlace {
  const slash = id.lastIndexOf('/');
  const digits = id.slice(slash + 1);
  if (slash > 0 && /^\d{1,15}$/.test(digits)) return { taskId: id.slice(0, slash), seq: Number(digits) };
  throw new A2AError('INVALID_PARAMS', 'Last-Event-ID is no id of an event of this agent; leave it out to begin anew');
}
