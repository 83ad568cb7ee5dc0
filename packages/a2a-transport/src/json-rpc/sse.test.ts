import { expect, test } from 'vitest';
import { collect } from '../testing/collect.ts';
import { decodeSse, encodeSseComment, encodeSseEvent, type SseItem } from './sse.ts';

async function decode(bytes: Uint8Array, chunkBytes = bytes.length, maxEventChars = 1_000): Promise<SseItem[]> {
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  }
  return collect(decodeSse(chunks(), { maxEventChars }));
}
const event = (data: string, id?: string): SseItem => ({ type: 'event', data, ...(id !== undefined && { id }) });
const bytes = (text: string) => new TextEncoder().encode(text);

test.each([
  { stream: 'data: a\n\n', items: [event('a')] },
  { stream: 'data:a\n\n', items: [event('a')] },
  { stream: 'data:  a\n\n', items: [event(' a')] },
  { stream: 'data\n\n', items: [event('')] },
  { stream: 'data: a\r\n\r\ndata: b\r\r', items: [event('a')] },
  { stream: 'data: a\r\n\r\ndata: b\r\r\n', items: [event('a'), event('b')] },
  { stream: 'data: a\ndata: b\n\n', items: [event('a\nb')] },
  { stream: ': comment\n\ndata: a\n\n', items: [{ type: 'comment' }, event('a')] },
  { stream: 'id: 7\nevent: x\nretry: 1\ndata: a\n\ndata: b\n\n', items: [event('a', '7'), event('b', '7')] },
  { stream: 'data: unfinished', items: [] },
  { stream: 'data: unfinished\n', items: [] },
  { stream: '\n\n\n', items: [] },
  { stream: 'data: grüße 🦢\n\n', items: [event('grüße 🦢')] },
])('$stream is read alike, however it is cut', async ({ stream, items }) => {
  for (const chunkBytes of [1, 2, 3, 1_000]) expect(await decode(bytes(stream), chunkBytes)).toEqual(items);
});

test('what we write we read: one data line, whatever the text holds', async () => {
  const payload = { text: 'line\nbreak\r\n\u2028 data: x\n\n: no comment' };
  const written = bytes(encodeSseEvent(payload));
  expect(new TextDecoder().decode(written).match(/\n/g)).toHaveLength(2);
  const items = await decode(new Uint8Array([...bytes(encodeSseComment()), ...written]), 5);
  expect(items).toEqual([{ type: 'comment' }, event(JSON.stringify(payload))]);
});

test('an event that never ends is refused before it fills the memory', async () => {
  await expect(decode(bytes(`data: ${'x'.repeat(2_000)}`), 100)).rejects.toMatchObject({ code: 'INVALID_REPLY' });
  await expect(decode(bytes('data: xxxxxxxxx\n'.repeat(200)), 100)).rejects.toMatchObject({ code: 'INVALID_REPLY' });
});

test('a long event that comes byte by byte is read once, and not again with each byte', async () => {
  const text = 'x'.repeat(200_000);
  const before = process.cpuUsage();
  expect(await decode(bytes(`data: ${text}\r\n\r\n`), 1, 300_000)).toEqual([event(text)]);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1_000).toBeLessThan(8_000); // again with each byte would be minutes
});
