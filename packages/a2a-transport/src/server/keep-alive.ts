import { type Clock, LinkedList } from '@skein/contracts/runtime';
import { encodeSseComment } from '../json-rpc/sse.ts';
import type { EventSink } from './event-sink.ts';

/** A stream that is looked after. */
export interface KeptStream {
  /** Something was written. */
  alive(): void;
  /** The stream is over. */
  leave(): void;
}

/** Keeps the streams of a server alive, all by one timer: to set one for each would cost more than many a stream. */
export class KeepAlive {
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #streams = new LinkedList<{ sink: EventSink; quietFor: number; writing: boolean; stuckFor: number }>();
  readonly #stopped = new AbortController();
  #watching = false;

  /** No stream is silent for longer than `keepAliveMs`. */
  constructor(clock: Clock, keepAliveMs: number) {
    this.#clock = clock;
    this.#everyMs = Math.max(1, Math.floor(keepAliveMs / LOOKS));
  }

  enter(sink: EventSink): KeptStream {
    const stream = { sink, quietFor: 0, writing: false, stuckFor: 0 };
    const place = this.#streams.add(stream);
    if (!this.#watching) void this.#watch();
    return {
      alive() {
        stream.quietFor = 0;
      },
      leave: () => this.#streams.remove(place),
    };
  }

  /** No more comments. */
  stop(): void {
    this.#stopped.abort();
  }

  async #watch(): Promise<void> {
    this.#watching = true;
    while (this.#streams.size > 0) {
      try {
        await this.#clock.sleep(this.#everyMs, this.#stopped.signal);
      } catch {
        break; // stopped
      }
      for (const stream of this.#streams.values()) {
        stream.quietFor += 1;
        if (stream.writing) stream.stuckFor += 1;
        if (stream.stuckFor > STUCK_LOOKS) stream.sink.destroy();
        if (stream.quietFor < LOOKS || stream.writing) continue;
        stream.quietFor = 0;
        stream.writing = true; // a reader that takes nothing gets no heap of comments
        void Promise.resolve(stream.sink.write(encodeSseComment())).finally(() => {
          stream.writing = false;
          stream.stuckFor = 0;
        });
      }
    }
    this.#watching = false;
  }
}

/** Looks at each stream within the longest silence. */
const LOOKS = 3;
/** Looks at a comment that the reader does not take: four silences long, and it is hung up on. */
const STUCK_LOOKS = 4 * LOOKS;
