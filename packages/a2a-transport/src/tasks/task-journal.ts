import { isTerminal, type StreamResponse } from '@skein/contracts/a2a';
import type { EventBatches } from '../server/message-handler.ts';
import type { CallContext } from '../server/principal.ts';
import { writeEventId } from './event-id.ts';
import { gapSnapshot } from './streamed-event.ts';
import { TaskFeed } from './task-feed.ts';
import type { LoggedEvent, TaskOwner, TaskStep, TaskStore } from './task-store.ts';

interface TaskJournalOptions {
  /** Events of a task that readers find in memory; who is further behind reads from the store. */
  feedEvents: number;
  /** Told of each step that was stored. */
  onStep(step: TaskStep): void;
}

/** One reader of one task. */
export interface TaskReading {
  /**
   * What happens to the task after an event, until its terminal one: what came together is told together. Where events are
   * no longer kept, the task as it stands takes their place and says so.
   */
  follow(from: ReadingFrom, context: Waiting): EventBatches;
  leave(): void;
}

interface ReadingFrom {
  /** Number of the last event that the reader knows. */
  after: number;
  /** Whether the reader entered before the next event was stored: then there is nothing to look for in the store. */
  present: boolean;
}

/** Who waits. The signal is asked for only where there is something to wait for. */
type Waiting = Pick<CallContext, 'signal'>;

/** Events read from the store at once. */
const PAGE = 100;

/**
 * Writes tasks' logs and reads along in them. A reader is a cursor over the log: who reads slowly finds in the store what
 * has left memory, holds nobody up and costs nothing more. What a reader hears was stored before.
 */
export class TaskJournal {
  readonly #store: TaskStore;
  readonly #options: TaskJournalOptions;
  readonly #feeds = new Map<string, { feed: TaskFeed; readers: number }>();

  constructor(store: TaskStore, options: TaskJournalOptions) {
    this.#store = store;
    this.#options = options;
  }

  async commit(step: TaskStep): Promise<void> {
    await this.#store.commit(step);
    if (step.events.length > 0) this.#feeds.get(step.task.id)?.feed.push(step.after, step.events);
    this.#options.onStep(step);
  }

  /** Enters the task's readers, to read later: what is stored from now on is not missed. Whoever enters leaves. */
  enter(owner: TaskOwner, taskId: string): TaskReading {
    const entry = this.#feeds.get(taskId) ?? { feed: new TaskFeed(this.#options.feedEvents), readers: 0 };
    this.#feeds.set(taskId, entry);
    entry.readers += 1;
    return {
      follow: (from, context) => this.#follow(owner, taskId, entry.feed, from, context),
      leave: () => {
        entry.readers -= 1;
        if (entry.readers === 0 && this.#feeds.get(taskId) === entry) this.#feeds.delete(taskId);
      },
    };
  }

  async *#follow(owner: TaskOwner, taskId: string, feed: TaskFeed, from: ReadingFrom, context: Waiting): EventBatches {
    let at = from.after;
    let inMemory = from.present; // before the first news nobody else knows whether the store holds more
    for (;;) {
      let events = feed.after(at);
      if (events.length === 0 && (!inMemory || feed.goesBeyond(at))) {
        events = await this.#store.events(owner, taskId, at, PAGE);
        inMemory = events.length === 0;
      }
      const first = events[0];
      if (!first) {
        if (!feed.goesBeyond(at)) await feed.news(context.signal);
        if (context.signal.aborted) return;
        continue;
      }
      const told = first.seq === at + 1 ? events : await this.#snapshot(owner, taskId, at);
      const last = told.at(-1);
      if (!last) return; // the task itself is gone
      yield told.map(({ seq, event }) => ({ event, id: writeEventId({ taskId, seq }) }));
      at = last.seq;
      if (endsTask(last.event)) return;
    }
  }

  /** It stands for everything up to where the task is, also for what is still kept: that is in it. */
  async #snapshot(owner: TaskOwner, taskId: string, after: number): Promise<LoggedEvent[]> {
    const stored = await this.#store.find(owner, taskId);
    return stored ? [{ seq: stored.seq, event: gapSnapshot(stored.task, after, stored.seq + 1) }] : [];
  }
}

/** Whether nothing can follow in the task's log. */
function endsTask(event: StreamResponse): boolean {
  if ('statusUpdate' in event) return isTerminal(event.statusUpdate.status.state);
  return 'task' in event && isTerminal(event.task.status.state);
}
