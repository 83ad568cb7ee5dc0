import type { ServerResponse } from 'node:http';

/** Where the text of a stream goes. One writer, who waits where the reader is slow. */
export interface EventSink {
  /** Resolves when there is room for more, or the reader has gone. */
  write(text: string): Promise<void> | undefined;
  /** Ends it, with this for a last. */
  end(text?: string): void;
  /** Hangs up on the reader. */
  destroy(): void;
}

type Writing = Pick<ServerResponse, 'writeHead' | 'write' | 'end'>;

/** Straight into Node's response, which costs a third of a web stream. What is all there at the first write goes out in one piece. */
export class ResponseSink implements EventSink {
  readonly #outgoing: ServerResponse;
  readonly #writing: Writing;
  readonly #headers: Readonly<Record<string, string>>;
  #begun = false;

  constructor(outgoing: ServerResponse, headers: Readonly<Record<string, string>>, writing: Writing = outgoing) {
    this.#outgoing = outgoing;
    this.#writing = writing;
    this.#headers = headers;
  }

  write(text: string): Promise<void> | undefined {
    const outgoing = this.#outgoing;
    if (!this.#begun) this.#writing.writeHead(200, this.#headers);
    this.#begun = true;
    if (outgoing.destroyed || this.#writing.write(text)) return undefined;
    return new Promise((resolve) => {
      const done = () => {
        outgoing.off('drain', done);
        outgoing.off('close', done);
        resolve();
      };
      outgoing.on('drain', done);
      outgoing.on('close', done);
    });
  }

  end(text = ''): void {
    const length = { 'content-length': String(Buffer.byteLength(text)) };
    if (!this.#begun) this.#writing.writeHead(200, { ...this.#headers, ...length });
    this.#begun = true;
    this.#writing.end(text);
  }

  destroy(): void {
    this.#outgoing.destroy();
  }
}

/**
 * Into a response that Hono's server still has in its hands. It is taken over: whatever Hono and its middleware still want
 * to answer with, the head and the end of it are ours. (Its own mark for answers that are on their way,
 * `x-hono-already-sent`, is lost where middleware has touched the response.)
 */
export function takenOverSink(outgoing: ServerResponse, headers: Readonly<Record<string, string>>): EventSink {
  const sink = new ResponseSink(outgoing, headers, {
    writeHead: outgoing.writeHead.bind(outgoing),
    write: outgoing.write.bind(outgoing),
    end: outgoing.end.bind(outgoing),
  });
  Object.assign(outgoing, { writeHead: () => outgoing, write: () => true, end: () => outgoing });
  return sink;
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
    end(text = '') {
      if (!over && text !== '') controller?.enqueue(encoder.encode(text));
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
