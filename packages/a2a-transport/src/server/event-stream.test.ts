import type { StreamResponse, Task } from '@skein/contracts/a2a';
import { createFakeClock } from '@skein/contracts/testing';
import { expect, test, vi } from 'vitest';
import { decodeSse } from '../json-rpc/sse.ts';
import { createChannel } from './channel.ts';
import { eventStream, openStreamReply } from './event-stream.ts';

const task = (id: string): StreamResponse => ({ task: { id, status: { state: 'TASK_STATE_WORKING' } } satisfies Task });

async function open() {
  const clock = createFakeClock();
  const call = new AbortController();
  const onLeave = vi.fn();
  const channel = createChannel<StreamResponse>({ capacity: 8, overflow: () => new Error('full'), onLeave });
  channel.push(task('first'));
  const reply = await openStreamReply(channel.read(call.signal));
  const on = { onGone: vi.fn(() => call.abort()), onEnd: vi.fn(), onFailure: vi.fn() };
  const stream = eventStream(reply, { id: 7, clock, keepAliveMs: 15_000, signal: call.signal, ...on });
  const reader = stream.getReader();
  async function* chunks() {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  }
  return { clock, call, channel, on, onLeave, reader, items: decodeSse(chunks(), { maxEventChars: 10_000 }) };
}

const event = (body: object) => ({ type: 'event', data: JSON.stringify({ jsonrpc: '2.0', id: 7, ...body }) });

test('every event is a whole envelope, the first at once, and the end is clean', async () => {
  const { channel, items, on, onLeave } = await open();
  expect((await items.next()).value).toEqual(event({ result: task('first') }));
  channel.push(task('second'));
  channel.end();
  expect((await items.next()).value).toEqual(event({ result: task('second') }));
  expect((await items.next()).done).toBe(true);
  expect(on.onEnd).toHaveBeenCalledOnce();
  expect(onLeave).toHaveBeenCalledOnce();
});

test('silence is broken by a comment every 15 seconds, and loses no event', async () => {
  const { clock, channel, items } = await open();
  await items.next();
  for (let times = 0; times < 3; times += 1) {
    const next = items.next();
    await clock.advance(15_000);
    expect((await next).value).toEqual({ type: 'comment' });
  }
  channel.push(task('late'));
  expect((await items.next()).value).toEqual(event({ result: task('late') }));
  expect(clock.sleeping).toBe(1);
});

test('a failure after the headers is an error event that tells nothing, and the end', async () => {
  const { channel, items, on } = await open();
  await items.next();
  channel.fail(new Error('the password is hunter2'));
  const failed = (await items.next()).value;
  expect(failed).toMatchObject({ data: expect.stringContaining('"code":-32603') });
  expect(JSON.stringify(failed)).not.toContain('hunter2');
  expect((await items.next()).done).toBe(true);
  expect(on.onFailure).toHaveBeenCalledOnce();
});

test('a client that goes away aborts the call and leaves the source, with no timer behind', async () => {
  const { clock, call, items, on, onLeave, reader } = await open();
  await items.next();
  await reader.cancel();
  await clock.advance(0);
  expect(call.signal.aborted).toBe(true);
  expect(on.onEnd).toHaveBeenCalledOnce();
  expect(onLeave).toHaveBeenCalledOnce();
  expect(clock.sleeping).toBe(0);
});

test('a server that closes ends the stream without a word', async () => {
  const { call, items, on } = await open();
  await items.next();
  call.abort();
  expect((await items.next()).done).toBe(true);
  expect(on.onFailure).not.toHaveBeenCalled();
});

test('events are made as the reader takes them, not ahead of it', async () => {
  let made = 0;
  async function* source() {
    for (;;) {
      made += 1;
      yield task(`${made}`);
    }
  }
  const clock = createFakeClock();
  const signal = new AbortController().signal;
  const on = { onGone() {}, onEnd() {}, onFailure() {} };
  const stream = eventStream(await openStreamReply(source()), { id: 1, clock, keepAliveMs: 15_000, signal, ...on });
  await clock.advance(0);
  expect(made).toBeLessThan(4);
  await stream.cancel();
});
