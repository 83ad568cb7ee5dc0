import { ListTasksParams, type ListTasksResponse, type Task } from '@skein/contracts/a2a';
import { A2AError } from '../errors.ts';
import type { MessageHandler } from '../server/message-handler.ts';
import type { CallContext } from '../server/principal.ts';
import { withHistory } from '../server/task-progress.ts';
import { cursorOf, type TaskCursor } from '../tasks/task-store.ts';
import { inTenant, readParams } from './params.ts';

const DEFAULT_PAGE = 50;

/** ListTasks: the caller's tasks that match, newest status first, page by page. */
export function listTasks(handler: Required<Pick<MessageHandler, 'listTasks'>>) {
  return async (params: unknown, context: CallContext): Promise<ListTasksResponse> => {
    const read = readParams(ListTasksParams, params);
    const { pageSize = DEFAULT_PAGE, pageToken, historyLength, includeArtifacts = false } = read;
    const page = await handler.listTasks(
      {
        ...(read.contextId && { contextId: read.contextId }),
        ...(read.status && { state: read.status }),
        ...(read.statusTimestampAfter && { since: inFourDigits(read.statusTimestampAfter) }),
        ...(pageToken && { after: readPageToken(pageToken) }),
        limit: pageSize,
      },
      inTenant(context, read.tenant),
    );
    const last = page.tasks.at(-1);
    return {
      tasks: page.tasks.map((task) => listed(withHistory(task, historyLength), includeArtifacts)),
      nextPageToken: page.more && last ? writePageToken(cursorOf(last)) : '',
      pageSize,
      totalSize: page.total,
    };
  };
}

const FIRST_MS = Date.parse('0000-01-01T00:00:00.000Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** In UTC. Times are compared as text: an offset may lead to a year before 0 or after 9999, which text has out of order. */
function inFourDigits(time: string): string {
  return new Date(Math.min(Math.max(Date.parse(time), FIRST_MS), LAST_MS)).toISOString();
}

function listed(task: Task, includeArtifacts: boolean): Task {
  if (includeArtifacts) return { ...task, artifacts: task.artifacts ?? [] };
  const { artifacts: _, ...rest } = task;
  // The rest of a loose object keeps its shape; TypeScript loses it through the index signature.
  return rest as Task;
}

function writePageToken({ timestamp, id }: TaskCursor): string {
  return Buffer.from(JSON.stringify([timestamp, id])).toString('base64url');
}

function readPageToken(token: string): TaskCursor {
  try {
    const read: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (Array.isArray(read) && read.length === 2 && read.every((each) => typeof each === 'string')) {
      const [timestamp = '', id = ''] = read;
      return { timestamp, id };
    }
  } catch {} // told below, as every other token that is none
  throw new A2AError('INVALID_PARAMS', 'pageToken is none that this agent gave; leave it out for the first page', {
    metadata: { field: 'pageToken' },
  });
}
