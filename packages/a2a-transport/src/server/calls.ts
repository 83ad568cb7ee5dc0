import { LinkedList, type Place } from '@skein/contracts/runtime';
import type { ServedRequest } from './http/served-request.ts';

/** The calls in flight: each can be ended by its client's leaving, and all of them by the server's closing. */
export interface OpenCall {
  readonly aborted: boolean;
  /** Comes to be when somebody asks for it: most calls end before anybody does, and it costs more than they do. */
  readonly signal: AbortSignal;
  abort(reason: Error): void;
  /** Its client has gone away: that aborts it, where it is not over. */
  abandon(): void;
  /** Done once when the call is aborted. */
  onAbort(act: () => void): void;
  /** The call is over; nothing is left listening. */
  done(): void;
}

type CallingClient = Pick<ServedRequest, 'onLeave'>;

/**
 * A plain list of calls instead of `AbortSignal.any`, which on Node 20 leaves a trace in a long-lived signal for each
 * short-lived one.
 */
export function createOpenCalls() {
  const open = new LinkedList<Call>();
  return {
    /** The client's leaving is listened for only where the call's own signal is wanted. */
    begin(client: CallingClient): OpenCall {
      return new Call(client, open);
    },
    abortAll(reason: Error): void {
      for (const call of open.values()) call.abort(reason);
    },
  };
}

class Call implements OpenCall {
  readonly #client: CallingClient;
  readonly #open: LinkedList<Call>;
  readonly #place: Place<Call>;
  /** Of most calls nobody wants to know. */
  #acts: (() => void)[] | undefined;
  #controller: AbortController | undefined;
  #stopListening: (() => void) | undefined;
  #reason: Error | undefined;
  #over = false;

  constructor(client: CallingClient, open: LinkedList<Call>) {
    this.#client = client;
    this.#open = open;
    this.#place = open.add(this);
  }

  get aborted(): boolean {
    return this.#reason !== undefined;
  }

  get signal(): AbortSignal {
    if (this.#controller) return this.#controller.signal;
    this.#controller = new AbortController();
    if (this.#reason) this.#controller.abort(this.#reason);
    this.#stopListening = this.#client.onLeave(() => this.abandon());
    return this.#controller.signal;
  }

  abort(reason: Error): void {
    if (this.#reason || this.#over) return;
    this.#reason = reason;
    this.#controller?.abort(reason);
    const acts = this.#acts ?? [];
    this.#acts = undefined;
    for (const act of acts) act();
  }

  abandon(): void {
    if (!this.#over) this.abort(new Error('The client went away')); // an error costs more than a call
  }

  onAbort(act: () => void): void {
    if (this.#reason) act();
    else this.#acts = [...(this.#acts ?? []), act];
  }

  done(): void {
    this.#over = true;
    this.#stopListening?.();
    this.#open.remove(this.#place);
  }
}
