import type { ServerResponse } from 'node:http';

/** Where the text of a stream goes. One writer, who waits where the reader is slow. */
export interface EventSink {
  /** Resolves when there is room for more, or the reader has gone. */
  write(text: string): Promise<void> | undefined;
  end(): void;
}

/** Straight into Node's response: a third of the cost of a web stream. */
export function responseSink(outgoing: ServerResponse): EventSink {
  return {
    write(text) {
      if (outgoing.destroyed || outgoing.write(text)) return undefined;
      return new Promise((resolve) => {
        const done = () => {
          outgoing.off('drain', done);
          outgoing.off('close', done);
          resolve();
        };
        outgoing.on('drain', done);
        outgoing.on('close', done);
      });
    },
    end: () => void outgoing.end(),
  };
}

/** A web stream, for apps that are served by something else than Node's own server, or by nobody. */
export function streamSink(onGone: () => void): { sink: EventSink; stream: ReadableStream<Uint8Array> } {
  const encoder = new TextEncoder();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let over = false;
  let waiting: (() => void)[] = [];
  const resume = () => {
    const resumed = waiting;
    waiting = [];
    for (const each of resumed) each();
  };
  const stream = new ReadableStream<Uint8Array>(
    {
      start(own) {
        controller = own;
      },
      pull: () => resume(),
      cancel() {
        over = true;
        resume();
        onGone();
      },
    },
    { highWaterMark: 1 },
  );
  const sink: EventSink = {
    write(text) {
      if (over || !controller) return undefined;
      controller.enqueue(encoder.encode(text));
      if ((controller.desiredSize ?? 0) > 0) return undefined;
      return new Promise((resolve) => waiting.push(resolve));
    },
    end() {
      if (!over) controller?.close();
      over = true;
    },
  };
  return { sink, stream };
}
