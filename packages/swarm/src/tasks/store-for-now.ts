/** What callers ask of the tasks while the stores are away is answered as a directive would be: call again. */
import type { PushConfigStore, TaskStore } from '@skein/a2a-transport';
import { orForNow } from '../wire-errors.ts';

/** A step is no question: the execution itself holds on to it until it is stored. A start hears the store's own words. */
export function tasksForNow(store: TaskStore): TaskStore {
  return {
    commit: (step) => store.commit(step),
    running: (limit) => store.running(limit),
    find: (owner, id) => orForNow(() => store.find(owner, id)),
    list: (owner, query) => orForNow(() => store.list(owner, query)),
    events: (owner, id, after, limit) => orForNow(() => store.events(owner, id, after, limit)),
  };
}

/** What the deliveries themselves ask is tried again by them. */
export function pushConfigsForNow(store: PushConfigStore): PushConfigStore {
  return {
    put: (config) => orForNow(() => store.put(config)),
    find: (owner, taskId, id) => orForNow(() => store.find(owner, taskId, id)),
    list: (owner, taskId, page) => orForNow(() => store.list(owner, taskId, page)),
    remove: (owner, taskId, id) => orForNow(() => store.remove(owner, taskId, id)),
    unfinished: (after, limit) => store.unfinished(after, limit),
    delivered: (key, seq, last) => store.delivered(key, seq, last),
    failed: (key, failure) => store.failed(key, failure),
  };
}
