/** A bounded queue between one writer, who never waits, and one reader, who may be slow or gone. */
export interface Channel<T> {
  /** Hands an item over. When the reader is too far behind, the channel fails instead of growing. */
  push(item: T): void;
  /** No more items; what is queued is still read. */
  end(): void;
  /** What is queued is still read; then the reader hears `cause`. */
  fail(cause: unknown): void;
  /** Reads to the end. An abort ends the reading quietly; leaving it calls `onLeave`. */
  read(signal: AbortSignal): AsyncGenerator<T, void, undefined>;
}

interface ChannelOptions {
  capacity: number;
  /** What the reader hears who fell behind. */
  overflow: () => Error;
  onLeave: () => void;
}

type Closing = { status: 'ended' } | { status: 'failed'; cause: unknown };

export function createChannel<T>({ capacity, overflow, onLeave }: ChannelOptions): Channel<T> {
  let queue: T[] = [];
  let closing: Closing | undefined;
  let wake = () => {};

  const close = (how: Closing) => {
    closing ??= how;
    wake();
  };
  return {
    push(item) {
      if (closing) return;
      if (queue.length < capacity) {
        queue.push(item);
        return wake();
      }
      queue = [];
      close({ status: 'failed', cause: overflow() });
    },
    end: () => close({ status: 'ended' }),
    fail: (cause) => close({ status: 'failed', cause }),
    async *read(signal) {
      const onAbort = () => wake();
      signal.addEventListener('abort', onAbort);
      try {
        while (!signal.aborted) {
          if (queue.length > 0) {
            // The length says that there is one; T itself may include undefined.
            yield queue.shift() as T;
          } else if (closing) {
            if (closing.status === 'failed') throw closing.cause;
            return;
          } else {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
          }
        }
      } finally {
        signal.removeEventListener('abort', onAbort);
        onLeave();
      }
    },
  };
}
