import { isTerminal, type Task } from '@skein/contracts/a2a';
import type { Principal } from './principal.ts';
import type { TaskStore } from './task-store.ts';

interface InMemoryTaskStoreOptions {
  /** Tasks kept. Beyond it the oldest finished one is forgotten, or the oldest of all when none is finished. @default 10_000 */
  maxTasks?: number;
}

/** Tasks for as long as the process lives, in bounded memory. */
export function createInMemoryTaskStore({ maxTasks = 10_000 }: InMemoryTaskStoreOptions = {}): TaskStore {
  // Two queues in the order of their last change, so that forgetting never searches.
  const open = new Map<string, Task>();
  const finished = new Map<string, Task>();
  const key = (id: string, owner: Principal | undefined) => JSON.stringify([owner?.kind, owner?.id, id]);
  const forgetOldest = () => {
    const queue = finished.size > 0 ? finished : open;
    const oldest = queue.keys().next();
    if (!oldest.done) queue.delete(oldest.value);
  };
  return {
    async get(id, owner) {
      return open.get(key(id, owner)) ?? finished.get(key(id, owner));
    },
    async put(task, owner) {
      const at = key(task.id, owner);
      open.delete(at);
      finished.delete(at);
      if (open.size + finished.size >= maxTasks) forgetOldest();
      (isTerminal(task.status.state) ? finished : open).set(at, task);
    },
  };
}
