import type { StreamedEvent } from '../tasks/streamed-event.ts';
import type { TaskReading } from '../tasks/task-reading.ts';
import type { EventBatches } from './message-handler.ts';
import type { CallContext } from './principal.ts';

/** How a stream begins. A reply that is no task has nothing to read on. */
export interface Opening {
  first: readonly StreamedEvent[];
  reading?: TaskReading;
}

type Batch = IteratorResult<readonly StreamedEvent[], undefined>;
type EventBatchIterator = ReturnType<EventBatches[typeof Symbol.asyncIterator]>;

/** The events of one stream, once: what it begins with, and what is read on. By hand, as a generator costs more than its events. */
export class TaskFollowing implements EventBatches, EventBatchIterator {
  readonly #open: () => Opening | Promise<Opening>;
  readonly #context: CallContext;
  #state: 'new' | 'open' | 'left' = 'new';
  #reading: TaskReading | undefined;

  constructor(open: () => Opening | Promise<Opening>, context: CallContext) {
    this.#open = open;
    this.#context = context;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  get over(): boolean {
    return this.#state !== 'new' && (this.#reading?.over ?? true);
  }

  async next(): Promise<Batch> {
    if (this.#state === 'left') return ended;
    if (this.#state === 'open') return this.#readOn();
    this.#state = 'open';
    const opening = this.#open();
    const { first, reading } = opening instanceof Promise ? await opening : opening;
    this.#reading = reading;
    return { done: false, value: first };
  }

  async return(): Promise<Batch> {
    this.#leave();
    return ended;
  }

  async #readOn(): Promise<Batch> {
    try {
      const value = await this.#reading?.next(this.#context);
      if (value) return { done: false, value };
    } catch (cause) {
      this.#leave();
      throw cause;
    }
    this.#leave();
    return ended;
  }

  #leave(): void {
    if (this.#state === 'left') return;
    this.#state = 'left';
    this.#reading?.leave();
  }
}

const ended: Batch = { done: true, value: undefined };
