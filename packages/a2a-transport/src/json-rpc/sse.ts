import { A2AClientError } from '../errors.ts';

/**
 * Server-sent events, both ways. We write one JSON object a `data:` line; we read whatever the standard allows.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export type SseItem = { type: 'event'; data: string; id?: string } | { type: 'comment' };

const breaksLine = /[\r\n\0]/;
const breaksLines = /[\r\n\0]/g;

/** One event. JSON text holds no line break, so one `data:` line is enough; `id` is what `Last-Event-ID` brings back. */
export function encodeSseEvent(payload: unknown, id?: string): string {
  const data = `data: ${JSON.stringify(payload)}\n\n`;
  if (id === undefined) return data;
  const place = breaksLine.test(id) ? id.replace(breaksLines, '') : id;
  return `id: ${place}\n${data}`;
}

/** A comment: it tells the reader, and every proxy between, that the stream lives. */
export function encodeSseComment(): string {
  return ': keep-alive\n\n';
}

interface DecodeOptions {
  /** Longest event in characters, over which the stream is refused. */
  maxEventChars: number;
}

/** Reads events and comments from bytes, however they are cut. An unfinished last event is dropped, as the standard says. */
export async function* decodeSse(
  chunks: AsyncIterable<Uint8Array>,
  { maxEventChars }: DecodeOptions,
): AsyncGenerator<SseItem, void, undefined> {
  const decoder = new TextDecoder();
  // Pieces of a line that has no end yet: a long one is put together once, and not searched again with each piece.
  let pieces: string[] = [];
  let pieceChars = 0;
  let data: string[] = [];
  let dataChars = 0;
  let id: string | undefined;
  for await (const chunk of chunks) {
    const text = decoder.decode(chunk, { stream: true });
    if (text === '') continue; // the beginning of a character
    pieces.push(text);
    pieceChars += text.length;
    const lines = /[\r\n]/.test(text) || pieces.at(-2)?.endsWith('\r') ? splitLines(pieces.join('')) : undefined;
    if (lines) {
      const rest = lines.pop() ?? '';
      pieces = [rest];
      pieceChars = rest.length;
    }
    for (const line of lines ?? []) {
      if (line === '') {
        if (data.length > 0) yield { type: 'event', data: data.join('\n'), ...(id !== undefined && { id }) };
        data = [];
        dataChars = 0;
        continue;
      }
      const [field, value] = splitField(line);
      if (field === '') yield { type: 'comment' };
      if (field === 'id') id = value;
      if (field !== 'data') continue;
      data.push(value);
      dataChars += value.length + 1;
    }
    if (dataChars + pieceChars > maxEventChars) {
      throw new A2AClientError('INVALID_REPLY', `An event is longer than ${maxEventChars} characters`);
    }
  }
}

/** The last one is unfinished. A trailing CR waits for what follows: it may be half of a CRLF. */
function splitLines(text: string): string[] {
  return text.split(/\r\n|\n|\r(?!$)/);
}

function splitField(line: string): [field: string, value: string] {
  const colon = line.indexOf(':');
  if (colon < 0) return [line, ''];
  const value = line.slice(colon + 1);
  return [line.slice(0, colon), value.startsWith(' ') ? value.slice(1) : value];
}
