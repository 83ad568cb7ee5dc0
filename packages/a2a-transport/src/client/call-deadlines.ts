import { type Clock, LinkedList, type Place } from '@skein/contracts/runtime';
import { A2AClientError } from '../errors.ts';

/**
 * The time limits of a client's calls, all on one timer: many calls are in flight at the same time and nearly all end
 * long before their limit, so a timer each would be set for nothing. A signal is made where somebody reads it; making one
 * costs more than the rest of this together.
 */
export class CallDeadlines {
  readonly #clock: Clock;
  readonly #open = new LinkedList<CallDeadline>();
  #timer: { endsAt: number; stop: AbortController } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Begins a call that may take so long; `awaited` says in the error what did not come. Whoever starts one clears it. */
  start(ms: number, awaited: string, parent: AbortSignal | undefined): CallDeadline {
    let place: Place<CallDeadline> | undefined;
    const deadline = new CallDeadline(
      {
        now: () => this.#clock.now(),
        watch: (endsAt) => this.#watch(endsAt),
        forget: () => this.#forget(place),
      },
      parent,
    );
    if (deadline.aborted) return deadline;
    place = this.#open.add(deadline);
    deadline.allow(ms, awaited);
    return deadline;
  }

  /** What the work comes to, or the end of its time. */
  async within<T>(
    ms: number,
    awaited: string,
    parent: AbortSignal | undefined,
    work: (deadline: CallDeadline) => Promise<T>,
  ): Promise<T> {
    const deadline = this.start(ms, awaited, parent);
    try {
      return await deadline.during(work(deadline));
    } finally {
      deadline.clear();
    }
  }

  #watch(endsAt: number): void {
    if (this.#timer && this.#timer.endsAt <= endsAt) return;
    this.#timer?.stop.abort();
    const stop = new AbortController();
    this.#timer = { endsAt, stop };
    this.#clock.sleep(endsAt - this.#clock.now(), stop.signal).then(
      () => this.#sweep(),
      () => {}, // stopped
    );
  }

  #sweep(): void {
    this.#timer = undefined;
    let next = Number.POSITIVE_INFINITY;
    for (const deadline of this.#open.values()) next = Math.min(next, deadline.check(this.#clock.now()));
    // One may have ended others, which are over with it.
    if (next < Number.POSITIVE_INFINITY && this.#open.size > 0) this.#watch(next);
  }

  /** The last one takes the timer along: a program that has nothing else to do may end. */
  #forget(place: Place<CallDeadline> | undefined): void {
    if (place) this.#open.remove(place);
    if (this.#open.size > 0) return;
    this.#timer?.stop.abort();
    this.#timer = undefined;
  }
}

interface Timing {
  now(): number;
  watch(endsAt: number): void;
  forget(): void;
}

/** How long one call may take. It ends the call with TIMEOUT, or with the reason of the caller's own signal. */
export class CallDeadline {
  readonly #timing: Timing;
  readonly #parent: AbortSignal | undefined;
  readonly #listeners = new Set<(reason: unknown) => void>();
  #limit = { endsAt: Number.POSITIVE_INFINITY, ms: 0, awaited: '' };
  #ended: { reason: unknown } | undefined;
  #controller: AbortController | undefined;

  constructor(timing: Timing, parent: AbortSignal | undefined) {
    this.#timing = timing;
    this.#parent = parent;
    if (parent?.aborted) this.#end(parent.reason);
    else parent?.addEventListener('abort', this.#onParent, { once: true });
  }

  /** A new limit from now on, in place of the one before. */
  allow(ms: number, awaited: string): void {
    if (this.#ended) return;
    const endsAt = this.#timing.now() + ms;
    this.#limit = { endsAt, ms, awaited };
    this.#timing.watch(endsAt);
  }

  /** Takes the time limit off; the caller's abort still counts. */
  disarm(): void {
    this.#limit = { ...this.#limit, endsAt: Number.POSITIVE_INFINITY };
  }

  /** The call is over: nothing is left listening. */
  clear(): void {
    this.#timing.forget();
    this.#listeners.clear();
    this.#parent?.removeEventListener('abort', this.#onParent);
  }

  /** Ends it where its hour has come. Says when that will be. */
  check(now: number): number {
    const { endsAt, ms, awaited } = this.#limit;
    if (now < endsAt) return endsAt;
    this.#end(new A2AClientError('TIMEOUT', `${awaited} did not come within ${ms} ms`));
    return Number.POSITIVE_INFINITY;
  }

  get aborted(): boolean {
    return this.#ended !== undefined;
  }

  onAbort(listener: (reason: unknown) => void): void {
    if (this.#ended) listener(this.#ended.reason);
    else this.#listeners.add(listener);
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      const controller = new AbortController();
      this.#controller = controller;
      this.onAbort((reason) => controller.abort(reason));
    }
    return this.#controller.signal;
  }

  /** Settles as `promise` does, or rejects when the call's time is over: no port can hold its caller longer. */
  during<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.onAbort(reject);
      promise.then(resolve, reject).finally(() => this.#listeners.delete(reject));
    });
  }

  readonly #onParent = () => this.#end(this.#parent?.reason);

  #end(reason: unknown): void {
    if (this.#ended) return;
    this.#ended = { reason };
    const listeners = [...this.#listeners];
    this.clear();
    for (const listener of listeners) listener(reason);
  }
}
