import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readEvents } from './sse.ts';

const text =
  'event: status\ndata: {"a":"ü"}\n\n: keep-alive\n\ndata: one\r\ndata: two\r\n\r\nevent: result\ndata: {}\n\nevent: cut';

async function* inPieces(bytes: Uint8Array, cuts: readonly number[]) {
  const points = [0, ...cuts.filter((cut) => cut < bytes.length).toSorted((a, b) => a - b), bytes.length];
  for (const [index, point] of points.entries()) yield bytes.subarray(point, points[index + 1]);
}

test('events are the same however their bytes are cut, and an unfinished one is dropped', async () => {
  const bytes = new TextEncoder().encode(text);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: bytes.length })), async (cuts) => {
      const events = [];
      for await (const event of readEvents(inPieces(bytes, cuts))) events.push(event);
      expect(events).toEqual([
        { event: 'status', data: '{"a":"ü"}' },
        { event: 'message', data: 'one\ntwo' },
        { event: 'result', data: '{}' },
      ]);
    }),
  );
});
