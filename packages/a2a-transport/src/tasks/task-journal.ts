import { LinkedMap } from '@skein/contracts/runtime';
import { TaskFeed } from './task-feed.ts';
import { TaskReading } from './task-reading.ts';
import type { TaskOwner, TaskStep, TaskStore } from './task-store.ts';

interface TaskJournalOptions {
  /** Events of a task that readers find in memory; who is further behind reads from the store. */
  feedEvents: number;
  /** Told of each step that was stored. */
  onStep(step: TaskStep): void;
}

/**
 * Writes tasks' logs and reads along in them. A reader is a cursor over the log: who reads slowly finds in the store what
 * has left memory, holds nobody up and costs nothing more. What a reader hears was stored before.
 */
export class TaskJournal {
  readonly #store: TaskStore;
  readonly #options: TaskJournalOptions;
  readonly #feeds = new LinkedMap<{ feed: TaskFeed; readers: number }>();

  constructor(store: TaskStore, options: TaskJournalOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** At once where the store is; otherwise its promise. */
  commit(step: TaskStep): Promise<void> | undefined {
    const stored = this.#store.commit(step);
    if (stored) return stored.then(() => this.#stored(step));
    this.#stored(step);
    return undefined;
  }

  #stored(step: TaskStep): void {
    if (step.events.length > 0) this.#feeds.get(step.task.id)?.feed.push(step.after, step.events);
    this.#options.onStep(step);
  }

  /** Enters the task's readers, to read later: what is stored from now on is not missed. Whoever enters leaves. */
  enter(owner: TaskOwner, taskId: string): TaskReading {
    const entry = this.#feeds.get(taskId) ?? { feed: new TaskFeed(this.#options.feedEvents), readers: 0 };
    this.#feeds.set(taskId, entry);
    entry.readers += 1;
    return new TaskReading({ store: this.#store, owner, taskId, feed: entry.feed }, () => {
      entry.readers -= 1;
      if (entry.readers === 0 && this.#feeds.get(taskId) === entry) this.#feeds.delete(taskId);
    });
  }
}
