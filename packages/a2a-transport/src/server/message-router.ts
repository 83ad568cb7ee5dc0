import type { Message, Task } from '@skein/contracts/a2a';
import { compareTasks, cursorOf, type TaskPage } from '../tasks/task-store.ts';
import { extensionOf, type ServerExtension } from './extensions.ts';
import type { MessageHandler } from './message-handler.ts';

/** Leads each message to its handler, and each task id to whichever handler knows it. Itself a handler, of all. */
export function createMessageRouter(
  agent: MessageHandler,
  extensions: readonly ServerExtension[],
): Required<MessageHandler> {
  const handlers = [agent, ...extensions.flatMap(({ messages }) => messages ?? [])];
  const handlerOf = (message: Message, activated: ReadonlySet<string>) =>
    extensionOf(message, extensions, activated)?.messages ?? agent;

  const first = async <T>(ask: (handler: MessageHandler) => Promise<T | undefined>): Promise<T | undefined> => {
    for (const handler of handlers) {
      const answer = await ask(handler);
      if (answer !== undefined) return answer;
    }
    return undefined;
  };
  return {
    send: (params, context) => handlerOf(params.message, context.extensions).send(params, context),
    stream: (params, context) => handlerOf(params.message, context.extensions).stream(params, context),
    getTask: (id, context) => first((handler) => handler.getTask(id, context)),
    cancelTask: (id, context) => first((handler) => handler.cancelTask(id, context)),
    subscribe: (id, context) => first((handler) => handler.subscribe(id, context)),
    async listTasks(query, context) {
      const pages = await Promise.all(handlers.flatMap((handler) => handler.listTasks?.(query, context) ?? []));
      const [only] = pages;
      return only && pages.length === 1 ? only : merged(pages, query.limit);
    },
  };
}

/** Pages of one order, from the same place on, as one page. */
function merged(pages: readonly TaskPage[], limit: number): TaskPage {
  const tasks: Task[] = pages.flatMap((page) => page.tasks).sort((a, b) => compareTasks(cursorOf(a), cursorOf(b)));
  return {
    tasks: tasks.slice(0, limit),
    total: pages.reduce((sum, { total }) => sum + total, 0),
    more: tasks.length > limit || pages.some(({ more }) => more),
  };
}
