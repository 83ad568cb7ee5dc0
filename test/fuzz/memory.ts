/** What the server told so far, so that what is sent next can speak of it: `@task0@` is the newest task. */
const kinds = ['task', 'context', 'page', 'event', 'config'] as const;
type Kind = (typeof kinds)[number];

/** Of each kind that many are kept. */
const KEPT = 8;

export interface Memory {
  /** The text with every placeholder filled in, or with a word that names nothing. */
  fill(text: string): string;
  /** Takes from a reply what can be named again. */
  hear(value: unknown): void;
  /** An `id:` of a server-sent event. */
  hearEventId(id: string): void;
}

export function createMemory(): Memory {
  const known: Record<Kind, string[]> = { task: [], context: [], page: [], event: [], config: [] };
  const keep = (kind: Kind, value: unknown) => {
    // Where errors repeat what was asked for, it may be anything; a header takes no more than this.
    if (typeof value !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(value) || known[kind][0] === value) return;
    known[kind].unshift(value);
    known[kind].length = Math.min(known[kind].length, KEPT);
  };
  const hear = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    // Whatever it is, these are the names under which A2A's replies hold what can be asked for.
    const { id, taskId, contextId, nextPageToken, url, status } = value as Partial<Record<string, unknown>>;
    if (status !== undefined) keep('task', id);
    if (url !== undefined) keep('config', id);
    keep('task', taskId);
    keep('context', contextId);
    keep('page', nextPageToken);
    // An error repeats what it was asked for.
    for (const [name, child] of Object.entries(value)) if (name !== 'error') hear(child);
  };
  return {
    fill: (text) =>
      text.replace(/@(task|context|page|event|config)(\d)@/g, (_, kind: Kind, n) => known[kind][Number(n)] ?? 'none'),
    hear,
    hearEventId: (id) => keep('event', id),
  };
}
