import { A2AClientError } from '../errors.ts';
import { orAborted } from './deadline.ts';
import type { HttpReply } from './http-port.ts';

/** The whole body as JSON, up to `maxBytes`. */
export async function readJson(reply: HttpReply, maxBytes: number, signal: AbortSignal): Promise<unknown> {
  const bytes = await readBytes(reply, maxBytes, signal);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new A2AClientError('INVALID_REPLY', 'The reply is not valid JSON', { status: reply.status, cause });
  }
}

async function readBytes(reply: HttpReply, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
  const source = reply.body[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const next = await orAborted(source.next(), signal);
      if (next.done) return Buffer.concat(chunks, length);
      length += next.value.byteLength;
      if (length > maxBytes) {
        throw new A2AClientError('INVALID_REPLY', `The reply is larger than ${maxBytes} bytes`, {
          status: reply.status,
        });
      }
      chunks.push(next.value);
    }
  } finally {
    discard(source);
  }
}

/** Gives a body up that nobody wants to read. Not awaited: a body in the middle of a read answers when that ends. */
export function discard(body: AsyncIterator<Uint8Array>): void {
  void Promise.resolve(body.return?.()).catch(() => {});
}
