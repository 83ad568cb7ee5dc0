/** The source of a body: whoever reads too slowly pauses it, and whoever has enough ends it. */
export interface BodySource {
  pause(): void;
  resume(): void;
  abort(reason: Error): void;
}

interface Waiting {
  resolve(next: IteratorResult<Uint8Array, undefined>): void;
  reject(cause: unknown): void;
}

/** What may wait unread before the source is paused, in bytes. */
const ROOM_BYTES = 65_536;

/**
 * A body between a parser that pushes and a reader that pulls: one reader, who takes it piece by piece or whole. A short
 * reply is all there before anybody reads, so that reading it waits for nothing; a Node stream would cost more than the
 * request itself.
 */
export class ReplyBody implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #source: BodySource;
  #chunks: Uint8Array[] = [];
  #unread = 0;
  #paused = false;
  #end: { failure?: { cause: unknown } } | undefined;
  #waiting: Waiting | undefined;

  constructor(source: BodySource) {
    this.#source = source;
  }

  push(chunk: Uint8Array): void {
    if (this.#end) return;
    const waiting = this.#take();
    if (waiting) {
      waiting.resolve({ done: false, value: chunk });
      return;
    }
    this.#chunks.push(chunk);
    this.#unread += chunk.byteLength;
    if (this.#unread <= ROOM_BYTES || this.#paused) return;
    this.#paused = true;
    this.#source.pause();
  }

  end(): void {
    this.#end ??= {};
    this.#take()?.resolve({ done: true, value: undefined });
  }

  /** What came before stays readable, except where the reader is the one who wants no more. */
  fail(cause: unknown): void {
    this.#end ??= { failure: { cause } };
    this.#take()?.reject(cause);
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const value = this.#chunks.shift();
    if (value) {
      this.#unread -= value.byteLength;
      this.#flow();
      return Promise.resolve({ done: false, value });
    }
    if (this.#end?.failure) return Promise.reject(this.#end.failure.cause);
    if (this.#end) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  /** All of it, or `undefined` where it is larger. */
  async bytes(maxBytes: number): Promise<Uint8Array | undefined> {
    const taken: Uint8Array[] = [];
    let length = 0;
    for (;;) {
      const { done, value } = await this.next();
      const [only] = taken;
      if (done) return only && taken.length === 1 ? only : Buffer.concat(taken, length);
      length += value.byteLength;
      if (length > maxBytes) return void (await this.return());
      taken.push(value);
    }
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (!this.#end) {
      this.end();
      this.#source.abort(new Error('The reply is not wanted any more'));
    }
    this.#chunks = [];
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #take(): Waiting | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting;
  }

  #flow(): void {
    if (!this.#paused || this.#unread > ROOM_BYTES / 2) return;
    this.#paused = false;
    this.#source.resume();
  }
}
