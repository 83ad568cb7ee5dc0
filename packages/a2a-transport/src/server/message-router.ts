import type { AgentCard, SendMessageParams, Task } from '@skein/contracts/a2a';
import { A2AError } from '../errors.ts';
import { compareTasks, cursorOf, type TaskPage } from '../tasks/task-store.ts';
import { extensionOf, type ServerExtension } from './extensions.ts';
import { assertMediaTypes } from './media-types.ts';
import type { MessageHandler } from './message-handler.ts';

/** Leads each message to its handler, and each task id to whichever handler knows it. Itself a handler, of all. */
export function createMessageRouter(
  agent: MessageHandler,
  extensions: readonly ServerExtension[],
  card: () => AgentCard,
): Required<MessageHandler> {
  const handlers = [agent, ...extensions.flatMap(({ messages }) => messages ?? [])];
  const alone = handlers.length === 1;
  const handlerOf = ({ message, configuration }: SendMessageParams, activated: ReadonlySet<string>) => {
    const theirs = extensionOf(message, extensions, activated)?.messages;
    if (!theirs) assertMediaTypes(message, card);
    else if (configuration?.taskPushNotificationConfig) {
      throw new A2AError('PUSH_NOTIFICATION_NOT_SUPPORTED', 'The tasks of this extension send no push notifications');
    }
    return theirs ?? agent;
  };

  const first = async <T>(ask: (handler: MessageHandler) => Promise<T | undefined>): Promise<T | undefined> => {
    for (const handler of handlers) {
      const answer = await ask(handler);
      if (answer !== undefined) return answer;
    }
    return undefined;
  };
  return {
    send: (params, context) => handlerOf(params, context.extensions).send(params, context),
    stream: (params, context) => handlerOf(params, context.extensions).stream(params, context),
    getTask: (id, context) => (alone ? agent.getTask(id, context) : first((handler) => handler.getTask(id, context))),
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
