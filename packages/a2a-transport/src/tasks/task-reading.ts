import { isTerminal, type StreamResponse } from '@skein/contracts/a2a';
import type { CallContext } from '../server/principal.ts';
import { writeEventId } from './event-id.ts';
import { gapSnapshot, type StreamedEvent } from './streamed-event.ts';
import type { TaskFeed } from './task-feed.ts';
import type { LoggedEvent, TaskOwner, TaskStore } from './task-store.ts';

interface ReadingFrom {
  /** Number of the last event that the reader knows. */
  after: number;
  /** Whether the reader entered before the next event was stored: then there is nothing to look for in the store. */
  present: boolean;
}

interface Source {
  readonly store: Pick<TaskStore, 'events' | 'find'>;
  readonly owner: TaskOwner;
  readonly taskId: string;
  readonly feed: TaskFeed;
}

/** Events read from the store at once. */
const PAGE = 100;

/** One reader of one task: a cursor over its log, up to the terminal event. */
export class TaskReading {
  readonly #source: Source;
  readonly #onLeave: () => void;
  #at = 0;
  /** Whether the store has nothing that the feed does not have: before the first news nobody else knows. */
  #inMemory = false;
  #over = false;

  constructor(source: Source, onLeave: () => void) {
    this.#source = source;
    this.#onLeave = onLeave;
  }

  /** Whether nothing can follow. */
  get over(): boolean {
    return this.#over;
  }

  /** Where the reading begins. Brings what memory holds of what follows. */
  begin({ after, present }: ReadingFrom): readonly StreamedEvent[] {
    this.#at = after;
    this.#inMemory = present;
    const heard = this.#source.feed.after(after);
    return heard.length > 0 ? (this.#tell(heard) ?? []) : [];
  }

  /**
   * What happens next: what came together is told together. Where events are no longer kept, the task as it stands takes
   * their place and says so. Nothing once no more can follow, or the signal has aborted, which is asked for only where
   * there is something to wait for.
   */
  async next(waiting: Pick<CallContext, 'signal'>): Promise<readonly StreamedEvent[] | undefined> {
    const { store, owner, taskId, feed } = this.#source;
    while (!this.#over) {
      const heard = feed.after(this.#at);
      if (heard.length > 0) return this.#tell(heard);
      const missed = feed.goesBeyond(this.#at);
      if (this.#inMemory && !missed) {
        await feed.news(waiting.signal);
        if (waiting.signal.aborted) return undefined;
        continue;
      }
      const stored = await store.events(owner, taskId, this.#at, PAGE);
      const first = stored[0]?.seq;
      this.#inMemory = first === undefined;
      if (first === this.#at + 1) return this.#tell(stored);
      // What the feed has seen and the store has lost is not asked for again: it does not come back.
      if (first !== undefined || missed) return this.#tell(await this.#snapshot());
    }
    return undefined;
  }

  leave(): void {
    this.#onLeave();
  }

  /** Goes on to the last of the events. Where they bring the reader no further the reading is over: it never goes in circles. */
  #tell(events: readonly LoggedEvent[]): readonly StreamedEvent[] | undefined {
    const last = events.at(-1);
    this.#over = !last || last.seq <= this.#at || endsTask(last.event);
    if (!last || last.seq <= this.#at) return undefined;
    this.#at = last.seq;
    const { taskId } = this.#source;
    return events.map(({ seq, event }) => ({ event, id: writeEventId({ taskId, seq }) }));
  }

  /**
   * The task as it stands, for everything up to where it is, also for what is still kept: that is in it. Nothing where the
   * task itself is gone.
   */
  async #snapshot(): Promise<LoggedEvent[]> {
    const { store, owner, taskId } = this.#source;
    const stored = await store.find(owner, taskId);
    if (!stored) return [];
    const { task, seq } = stored;
    return [{ seq, event: gapSnapshot(task, this.#at, seq + 1) }];
  }
}

/** Whether nothing can follow in the task's log. */
function endsTask(event: StreamResponse): boolean {
  if ('statusUpdate' in event) return isTerminal(event.statusUpdate.status.state);
  return 'task' in event && isTerminal(event.task.status.state);
}
