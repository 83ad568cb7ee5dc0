/** The calls in flight: each can be ended by its client's leaving, and all of them by the server's closing. */
export interface OpenCall {
  readonly aborted: boolean;
  /** Comes to be when somebody asks for it: most calls end before anybody does, and it costs more than they do. */
  readonly signal: AbortSignal;
  abort(reason: Error): void;
  /** Done once when the call is aborted. */
  onAbort(act: () => void): void;
  /** The call is over; nothing is left listening. */
  done(): void;
}

/**
 * A plain set of calls instead of `AbortSignal.any`, which on Node 20 leaves a trace in a long-lived signal for each
 * short-lived one.
 */
export function createOpenCalls() {
  const open = new Set<Call>();
  return {
    /** `client` is asked for the signal of its leaving only where the call's own signal is wanted. */
    begin(client: () => AbortSignal): OpenCall {
      const call = new Call(client, () => open.delete(call));
      open.add(call);
      return call;
    },
    abortAll(reason: Error): void {
      for (const call of [...open]) call.abort(reason);
    },
  };
}

class Call implements OpenCall {
  readonly #client: () => AbortSignal;
  readonly #onDone: () => void;
  readonly #acts: (() => void)[] = [];
  #controller: AbortController | undefined;
  #reason: Error | undefined;

  constructor(client: () => AbortSignal, onDone: () => void) {
    this.#client = client;
    this.#onDone = onDone;
  }

  get aborted(): boolean {
    return this.#reason !== undefined;
  }

  get signal(): AbortSignal {
    if (this.#controller) return this.#controller.signal;
    this.#controller = new AbortController();
    if (this.#reason) this.#controller.abort(this.#reason);
    const client = this.#client();
    if (client.aborted) this.#onGone();
    else client.addEventListener('abort', this.#onGone, { once: true });
    return this.#controller.signal;
  }

  abort(reason: Error): void {
    if (this.#reason) return;
    this.#reason = reason;
    this.#controller?.abort(reason);
    for (const act of this.#acts.splice(0)) act();
  }

  onAbort(act: () => void): void {
    if (this.#reason) act();
    else this.#acts.push(act);
  }

  done(): void {
    if (this.#controller) this.#client().removeEventListener('abort', this.#onGone);
    this.#onDone();
  }

  readonly #onGone = () => this.abort(new Error('The client went away'));
}
