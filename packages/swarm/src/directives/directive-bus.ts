/**
 * What happens to directives inside this process, for those who listen right now. Only a hint: the row is the truth,
 * and whoever must not miss anything looks at it, too.
 */
export interface DirectiveBus<News> {
  publish(key: string, news: News): void;
  /** Everything published from this call on, in order, until `close` is called. At most `limit` wait unread. */
  subscribe(key: string): Subscription<News>;
}

export interface Subscription<News> extends Disposable {
  /** The next piece of news, or undefined when `signal` aborts first. */
  next(signal?: AbortSignal): Promise<News | undefined>;
  close(): void;
}

export interface DirectiveBusOptions<News> {
  /** Unread news kept for one listener. @default 10_000 */
  limit?: number;
  /** Which news may be dropped when the limit is passed; the oldest such goes first. */
  droppable: (news: News) => boolean;
}

export function createDirectiveBus<News>(options: DirectiveBusOptions<News>): DirectiveBus<News> {
  const { limit = 10_000, droppable } = options;
  const listeners = new Map<string, Set<(news: News) => void>>();
  return {
    publish(key, news) {
      for (const deliver of listeners.get(key) ?? []) deliver(news);
    },
    subscribe(key) {
      const unread: News[] = [];
      let wake: (() => void) | undefined;
      const deliver = (news: News) => {
        unread.push(news);
        if (unread.length > limit) {
          const victim = unread.findIndex(droppable);
          if (victim >= 0) unread.splice(victim, 1);
        }
        wake?.();
      };
      const group = listeners.get(key) ?? new Set();
      listeners.set(key, group.add(deliver));
      const close = () => {
        group.delete(deliver);
        if (group.size === 0 && listeners.get(key) === group) listeners.delete(key);
      };
      return {
        async next(signal) {
          while (unread.length === 0 && !signal?.aborted) {
            await new Promise<void>((resolve) => {
              wake = () => {
                signal?.removeEventListener('abort', resolveOnAbort);
                resolve();
              };
              const resolveOnAbort = () => resolve();
              signal?.addEventListener('abort', resolveOnAbort, { once: true });
            });
          }
          wake = undefined;
          return unread.shift();
        },
        close,
        [Symbol.dispose]: close,
      };
    },
  };
}
