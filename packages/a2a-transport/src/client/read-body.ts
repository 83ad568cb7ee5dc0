import { isUtf8 } from 'node:buffer';
import { A2AClientError } from '../errors.ts';
import { orAborted } from './deadline.ts';
import type { HttpReply } from './http-port.ts';

/** The whole body as JSON, up to `maxBytes`. Reading ends with the signal; without one, when the port gives it up. */
export async function readJson(reply: HttpReply, maxBytes: number, signal?: AbortSignal): Promise<unknown> {
  const bytes = signal ? await readBytes(reply, maxBytes, signal) : await readWhole(reply, maxBytes);
  try {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    // Otherwise Node would put a replacement where the text is broken, and nobody would know.
    if (!isUtf8(buffer)) throw new TypeError('The bytes are not UTF-8');
    return JSON.parse(buffer.toString('utf8'));
  } catch (cause) {
    throw new A2AClientError('INVALID_REPLY', 'The reply is not valid JSON', { status: reply.status, cause });
  }
}

async function readWhole(reply: HttpReply, maxBytes: number): Promise<Uint8Array> {
  if (!reply.bytes) return readBytes(reply, maxBytes);
  const bytes = await reply.bytes(maxBytes);
  if (bytes) return bytes;
  throw tooLarge(reply, maxBytes);
}

async function readBytes(reply: HttpReply, maxBytes: number, signal?: AbortSignal): Promise<Uint8Array> {
  const source = reply.body[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const next = await (signal ? orAborted(source.next(), signal) : source.next());
      if (next.done) return Buffer.concat(chunks, length);
      length += next.value.byteLength;
      if (length > maxBytes) throw tooLarge(reply, maxBytes);
      chunks.push(next.value);
    }
  } finally {
    discard(source);
  }
}

function tooLarge({ status }: HttpReply, maxBytes: number): A2AClientError {
  return new A2AClientError('INVALID_REPLY', `The reply is larger than ${maxBytes} bytes`, { status });
}

/** Gives a body up that nobody wants to read. Not awaited: a body in the middle of a read answers when that ends. */
export function discard(body: AsyncIterator<Uint8Array>): void {
  void Promise.resolve(body.return?.()).catch(() => {});
}
