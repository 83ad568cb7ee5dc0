import { connect, type Socket } from 'node:net';
import { readReply } from './http-reply.ts';

/** What a connection sends again and again, and how an answer to it is checked. */
export interface LoadRequest {
  /** The whole request; `slots` are where eight digits of its number stand. */
  bytes: Buffer;
  slots: readonly number[];
  /** Throws when this is not the answer to the request of this number. */
  check(body: string, number: string): void;
}

interface LoadCount {
  /** A checked answer came; how long it took in milliseconds. */
  onAnswer(latencyMs: number): void;
  onFailure(cause: unknown): void;
}

/** One kept-alive connection with one request in flight: written out by hand, so that it costs less than any server. */
export function openLoadConnection(port: number, request: LoadRequest, numbers: () => number, count: LoadCount) {
  const bytes = Buffer.from(request.bytes);
  let pending: Buffer | undefined;
  let number = '';
  let sentAt = 0;
  let over = false;
  const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const send = () => {
    number = String(numbers()).padStart(8, '0');
    for (const slot of request.slots) bytes.write(number, slot, 'latin1');
    sentAt = performance.now();
    socket.write(bytes);
  };
  const fail = (cause: unknown) => {
    if (over) return;
    over = true;
    socket.destroy();
    count.onFailure(cause);
  };
  socket.on('connect', send);
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('The server closed a connection')));
  socket.on('data', (chunk: Buffer) => {
    try {
      pending = pending ? Buffer.concat([pending, chunk]) : chunk;
      const reply = readReply(pending);
      if (!reply) return;
      if (reply.length !== pending.length) throw new Error('More came than one answer');
      pending = undefined;
      if (reply.status !== 200) throw new Error(`HTTP ${reply.status}: ${reply.body}`);
      request.check(reply.body, number);
      count.onAnswer(performance.now() - sentAt);
      if (!over) send();
    } catch (cause) {
      fail(cause);
    }
  });
  return {
    close() {
      over = true;
      socket.destroy();
    },
  };
}
