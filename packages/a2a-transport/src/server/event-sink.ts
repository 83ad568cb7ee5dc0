import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** Where the text of a stream goes. One writer, who waits where the reader is slow. */
export interface EventSink {
  /** Resolves when there is room for more, or the reader has gone. */
  write(text: string): Promise<void> | undefined;
  end(): void;
  /** Hangs up on the reader. */
  destroy(): void;
}

/**
 * Straight into Node's response, which costs a third of a web stream. The response is taken over: whatever Hono and its
 * middleware still want to answer with, the head and the end of it are ours. (Its own mark for answers that are on
 * their way, `x-hono-already-sent`, is lost where middleware has touched the response.)
 */
export function responseSink(outgoing: ServerResponse, headers: OutgoingHttpHeaders): EventSink {
  const write = outgoing.write.bind(outgoing);
  const end = outgoing.end.bind(outgoing);
  outgoing.writeHead(200, headers);
  Object.assign(outgoing, { writeHead: () => outgoing, write: () => true, end: () => outgoing });
  return {
    write(text) {
      if (outgoing.destroyed || write(text)) return undefined;
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
    end: () => void end(),
    destroy: () => void outgoing.destroy(),
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
    destroy() {
      if (!over) controller?.error(new Error('The reader took nothing'));
      over = true;
      resume();
    },
  };
  return { sink, stream };
}
