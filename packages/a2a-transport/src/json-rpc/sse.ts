import { A2AClientError } from '../errors.ts';

/**
 * Server-sent events, both ways. We write one JSON object a `data:` line; we read whatever the standard allows.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export type SseItem = { type: 'event'; data: string; id?: string } | { type: 'comment' };

/** One event. JSON text holds no line break, so one `data:` line is enough; `id` is what `Last-Event-ID` brings back. */
export function encodeSseEvent(payload: unknown, id?: string): string {
  const place = id === undefined ? '' : `id: ${id.replace(/[\r\n\0]/g, '')}\n`;
  return `${place}data: ${JSON.stringify(payload)}\n\n`;
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
  let rest = '';
  let data: string[] = [];
  let dataChars = 0;
  let id: string | undefined;
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    // A trailing CR waits for the next chunk: it may be half of a CRLF.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
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
    if (dataChars + rest.length > maxEventChars) {
      throw new A2AClientError('INVALID_REPLY', `An event is longer than ${maxEventChars} characters`);
    }
  }
}

function splitField(line: string): [field: string, value: string] {
  const colon = line.indexOf(':');
  if (colon < 0) return [line, ''];
  const value = line.slice(colon + 1);
  return [line.slice(0, colon), value.startsWith(' ') ? value.slice(1) : value];
}
