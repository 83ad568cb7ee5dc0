import { A2AError } from '../errors.ts';

/** The bytes of a body, or that there were too many. */
export type BodyRead = { status: 'read'; bytes: Uint8Array } | { status: 'too_large' };

/** Whether the body says that it is what is taken here. */
export function assertContentType(given = '', accepted: readonly string[]): void {
  if (accepted.includes(given)) return; // as nearly everybody spells it
  const type = given.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (accepted.includes(type)) return;
  throw new A2AError('CONTENT_TYPE_NOT_SUPPORTED', `The request must be ${accepted.join(' or ')}`);
}

/** Bodies are read as they come: whoever compresses them is told so, and not that they are no JSON. */
export function assertPlainEncoding(encoding = 'identity'): void {
  if (encoding.trim().toLowerCase() === 'identity') return;
  const named = encoding.slice(0, 32);
  throw new A2AError('CONTENT_TYPE_NOT_SUPPORTED', `The body must come as it is, without Content-Encoding: ${named}`);
}

/** The whole body, or nothing of it once it proves too large. */
export async function readBody(request: Request, maxBytes: number): Promise<BodyRead> {
  const declared = request.headers.get('content-length');
  if (declared !== null) {
    // HTTP itself holds the sender to the length that it declared.
    if (!(Number(declared) <= maxBytes)) return { status: 'too_large' };
    const bytes = new Uint8Array(await request.arrayBuffer());
    return bytes.byteLength <= maxBytes ? { status: 'read', bytes } : { status: 'too_large' };
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength;
    if (length > maxBytes) return { status: 'too_large' };
    chunks.push(chunk);
  }
  return { status: 'read', bytes: Buffer.concat(chunks, length) };
}
