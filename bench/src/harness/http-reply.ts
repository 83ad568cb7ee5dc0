/** A whole HTTP answer in a buffer, or undefined while some of it is missing. It reads what our peers send, no more. */
export interface HttpReply {
  status: number;
  body: string;
  /** Bytes of the buffer that the answer took. */
  length: number;
}

const headEnd = Buffer.from('\r\n\r\n');

export function readReply(bytes: Buffer): HttpReply | undefined {
  const end = bytes.indexOf(headEnd);
  if (end < 0) return undefined;
  const head = bytes.toString('latin1', 0, end).toLowerCase();
  const status = Number(head.slice(9, 12));
  const start = end + 4;
  const at = head.indexOf('\r\ncontent-length:');
  if (at >= 0) {
    const length = start + Number.parseInt(head.slice(at + 17), 10);
    return bytes.length < length ? undefined : { status, body: bytes.toString('utf8', start, length), length };
  }
  if (!head.includes('\r\ntransfer-encoding: chunked')) throw new Error(`An answer without a length: ${head}`);
  return readChunks(bytes, start, status);
}

function readChunks(bytes: Buffer, start: number, status: number): HttpReply | undefined {
  let body = '';
  for (let at = start; ; ) {
    const lineEnd = bytes.indexOf(13, at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const chunkStart = lineEnd + 2;
    const next = chunkStart + size + 2;
    if (bytes.length < next) return undefined;
    if (size === 0) return { status, body, length: next };
    body += bytes.toString('utf8', chunkStart, chunkStart + size);
    at = next;
  }
}
