import type { StreamResponse } from '@skein/contracts/a2a';
import type { LoggedEvent } from './task-store.ts';

/** The newest events of one task in memory, for those who read along. What is older is in the store. */
export class TaskFeed {
  readonly #capacity: number;
  readonly #waiting = new Set<() => void>();
  #tail: LoggedEvent[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The events after number `after` that are still here, if nothing between is missing. */
  after(after: number): readonly LoggedEvent[] {
    const first = this.#tail[0];
    if (!first || after + 1 < first.seq) return [];
    return after + 1 === first.seq ? this.#tail : this.#tail.slice(after + 1 - first.seq);
  }

  /** Whether there is anything after number `after`, here or only in the store. */
  goesBeyond(after: number): boolean {
    const last = this.#tail.at(-1);
    return last !== undefined && last.seq > after;
  }

  push(after: number, events: readonly StreamResponse[]): void {
    const told = events.map((event, index) => ({ seq: after + index + 1, event }));
    const tail = this.#tail.length > 0 ? [...this.#tail, ...told] : told;
    this.#tail = tail.length > this.#capacity ? tail.slice(-this.#capacity) : tail;
    this.wake();
  }

  wake(): void {
    if (this.#waiting.size === 0) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resume of waiting) resume();
  }

  /** Resolves when something was pushed, or the signal aborts. */
  news(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = () => {
        signal.removeEventListener('abort', done);
        this.#waiting.delete(done);
        resolve();
      };
      signal.addEventListener('abort', done);
      this.#waiting.add(done);
    });
  }
}
