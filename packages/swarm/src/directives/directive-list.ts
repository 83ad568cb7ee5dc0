/** A page of one sender's directives as A2A's tasks: what A2A asks for, in the words of the inbox. */
import { A2AError, type TaskPage, type TaskQuery } from '@skein/a2a-transport';
import { type DatabaseId, DirectiveId, type NodeId } from '@skein/contracts';
import { statesShownAs, toTask } from './directive-task.ts';
import type { InboxQuery, InboxStore } from './inbox-store.ts';

export interface DirectiveListDeps {
  self: NodeId;
  databaseId: DatabaseId;
  inbox: Pick<InboxStore, 'listOf'>;
}

/** Errors: A2AError INVALID_PARAMS for a place that is in no list. */
export async function listDirectiveTasks(
  { self, databaseId, inbox }: DirectiveListDeps,
  source: NodeId,
  query: TaskQuery,
): Promise<TaskPage> {
  const asked = toInboxQuery(query);
  if (!asked) return { tasks: [], total: 0, more: false };
  const { rows, total, more } = await inbox.listOf(source, self, asked);
  return { tasks: rows.map((row) => toTask(row, databaseId)), total, more };
}

/** Undefined where no directive can match. */
function toInboxQuery({ contextId, state, since, after, limit }: TaskQuery): InboxQuery | undefined {
  const id = contextId === undefined ? undefined : DirectiveId.safeParse(contextId); // its context is the directive itself
  const states = state && statesShownAs(state);
  if (id?.success === false || states?.length === 0) return undefined;
  return {
    ...(id && { id: id.data }),
    ...(states && { states }),
    ...(since !== undefined && { since: Math.max(0, Date.parse(since)) }),
    ...(after && { after: { statusAt: momentOf(after.timestamp), rowId: after.id.replaceAll('\0', '') } }),
    limit,
  };
}

/** The place may be anything that somebody made up: no task of ours is beyond the year 10,000, or before 1970. */
function momentOf(timestamp: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/.test(timestamp) ? Date.parse(timestamp) : Number.NaN;
  if (!Number.isNaN(ms)) return Math.max(0, ms);
  throw new A2AError('INVALID_PARAMS', 'pageToken is none that this agent gave; leave it out for the first page', {
    metadata: { field: 'pageToken' },
  });
}
