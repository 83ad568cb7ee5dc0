import { expect, test, vi } from 'vitest';
import { collect } from '../testing/collect.ts';
import { ReplyBody } from './reply-body.ts';

function bodyOf(...texts: string[]) {
  const source = { pause: vi.fn(), resume: vi.fn(), abort: vi.fn() };
  const body = new ReplyBody(source);
  for (const text of texts) body.push(Buffer.from(text));
  return { source, body };
}

const text = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString();

test('what came before it is read, and what comes while it is read, comes in order and once', async () => {
  const { body } = bodyOf('a', 'b');
  const reading = collect(body);
  await Promise.resolve();
  body.push(Buffer.from('c'));
  body.end();
  expect((await reading).map(text)).toEqual(['a', 'b', 'c']);
  expect(await body.next()).toMatchObject({ done: true });
});

test.each([
  { texts: ['abc'], max: 3, whole: 'abc' },
  { texts: ['ab', 'c'], max: 3, whole: 'abc' },
  { texts: [], max: 3, whole: '' },
  { texts: ['ab', 'cd'], max: 3, whole: undefined },
])('the whole of $texts within $max bytes is $whole', async ({ texts, max, whole }) => {
  const { body, source } = bodyOf(...texts);
  const reading = body.bytes(max);
  body.end();
  expect(text(await reading)).toBe(whole);
  expect(source.abort).not.toHaveBeenCalled(); // it had all come
});

test('a body that goes on beyond what is taken is given up', async () => {
  const { body, source } = bodyOf('abcd');
  expect(await body.bytes(3)).toBeUndefined();
  expect(source.abort).toHaveBeenCalledOnce();
});

test('a failure comes after what came before it, to whoever waits and to whoever reads on', async () => {
  const { body } = bodyOf('a');
  const failure = new Error('broken');
  body.fail(failure);
  expect(text((await body.next()).value)).toBe('a');
  await expect(body.next()).rejects.toBe(failure);
  await expect(bodyAfter(failure).bytes(10)).rejects.toBe(failure);
  const waiting = bodyOf().body;
  const next = waiting.next();
  waiting.fail(failure);
  await expect(next).rejects.toBe(failure);
});

function bodyAfter(failure: Error): ReplyBody {
  const { body } = bodyOf('a');
  body.fail(failure);
  return body;
}

test('a slow reader holds the source up, and lets it go on when there is room', async () => {
  const { body, source } = bodyOf('x'.repeat(40_000), 'y'.repeat(40_000), 'z');
  expect(source.pause).toHaveBeenCalledOnce();
  await body.next();
  expect(source.resume).not.toHaveBeenCalled();
  await body.next();
  expect(source.resume).toHaveBeenCalledOnce();
});

test('leaving it early gives the connection up, once', async () => {
  const { body, source } = bodyOf('a', 'b');
  for await (const _ of body) break;
  await body.return();
  expect(source.abort).toHaveBeenCalledOnce();
  body.push(Buffer.from('late'));
  expect(await body.next()).toMatchObject({ done: true });
});
