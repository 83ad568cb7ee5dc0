import type { StreamResponse, Task } from '@skein/contracts/a2a';
import { createFakeClock } from '@skein/contracts/testing';
import { expect, test, vi } from 'vitest';
import { decodeSse } from '../json-rpc/sse.ts';
import { openStreamReply } from '../operations/stream-reply.ts';
import type { StreamedEvent } from '../tasks/streamed-event.ts';
import { createOpenCalls } from './calls.ts';
import { streamSink } from './event-sink.ts';
import { pumpEvents } from './event-stream.ts';
import { KeepAlive } from './keep-alive.ts';

const task = (id: string): StreamResponse => ({ task: { id, status: { state: 'TASK_STATE_WORKING' } } satisfies Task });

/** A source that a test feeds. */
function createSource() {
  const queue: (readonly StreamedEvent[] | Error | undefined)[] = [];
  let wake = () => {};
  let left = 0;
  async function* read() {
    try {
      for (;;) {
        if (queue.length === 0) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          continue;
        }
        const item = queue.shift();
        if (item instanceof Error) throw item;
        if (!item) return;
        yield item;
      }
    } finally {
      left += 1;
    }
  }
  return {
    read,
    left: () => left,
    say(...items: (readonly StreamedEvent[] | Error | undefined)[]) {
      queue.push(...items);
      wake();
    },
  };
}

async function open() {
  const clock = createFakeClock();
  const call = createOpenCalls().begin({ onLeave: () => () => {} });
  const source = createSource();
  source.say([{ event: task('first'), id: 'first/1' }]);
  const reply = await openStreamReply(source.read());
  const onFailure = vi.fn();
  const onGone = vi.fn(() => call.abort(new Error('gone')));
  const { sink, stream } = streamSink(onGone);
  const write = (item: StreamedEvent | { failure: unknown }) =>
    'failure' in item ? { error: 'told nothing' } : { result: item.event };
  const keepAlive = new KeepAlive(clock, 15_000);
  const onEnd = vi.fn();
  const pumped = pumpEvents(reply, sink, { keepAlive, call, write, endsAfter: undefined, onFailure, onEnd });
  const reader = stream.getReader();
  async function* chunks() {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  }
  const items = decodeSse(chunks(), { maxEventChars: 10_000 });
  return { clock, call, source, onFailure, onGone, onEnd, pumped, reader, items };
}

const event = (result: object, id?: string) => ({ type: 'event', data: JSON.stringify({ result }), ...(id && { id }) });

test('each event is one of its own with its id, also of those that came together, and the end is clean', async () => {
  const { source, items, pumped } = await open();
  expect((await items.next()).value).toEqual(event(task('first'), 'first/1'));
  source.say([{ event: task('second'), id: 'first/2' }, { event: task('third') }], undefined);
  expect((await items.next()).value).toEqual(event(task('second'), 'first/2'));
  expect((await items.next()).value).toMatchObject({ data: event(task('third')).data });
  expect((await items.next()).done).toBe(true);
  await pumped;
  expect(source.left()).toBe(1);
});

test('silence is broken by a comment every 15 seconds, and loses no event', async () => {
  const { clock, source, items } = await open();
  await items.next();
  for (let times = 0; times < 3; times += 1) {
    const next = items.next();
    await clock.advance(15_000);
    expect((await next).value).toEqual({ type: 'comment' });
  }
  source.say([{ event: task('late') }]);
  expect((await items.next()).value).toMatchObject({ data: event(task('late')).data });
  expect(clock.sleeping).toBe(1);
});

test('a failure after the headers is told by the binding, and is the end', async () => {
  const { source, items, onFailure } = await open();
  await items.next();
  source.say(new Error('the password is hunter2'));
  expect((await items.next()).value).toMatchObject({ data: JSON.stringify({ error: 'told nothing' }) });
  expect((await items.next()).done).toBe(true);
  expect(onFailure).toHaveBeenCalledOnce();
});

test('a client that goes away aborts the call, with no timer behind', async () => {
  const { clock, call, items, onGone, onEnd, reader } = await open();
  await items.next();
  await reader.cancel();
  await clock.advance(0);
  expect(call.aborted).toBe(true);
  expect(onEnd).toHaveBeenCalledOnce();
  expect(onGone).toHaveBeenCalledOnce();
});

test('events are made as the reader takes them, not ahead of it', async () => {
  let made = 0;
  async function* source() {
    for (;;) {
      made += 1;
      yield [{ event: task(`${made}`) }];
    }
  }
  const clock = createFakeClock();
  const call = createOpenCalls().begin({ onLeave: () => () => {} });
  const { sink, stream } = streamSink(() => call.abort(new Error('gone')));
  const told = { write: () => ({}), endsAfter: undefined, onFailure: () => {}, onEnd: () => {} };
  const options = { keepAlive: new KeepAlive(clock, 15_000), call, ...told };
  const pumped = pumpEvents(await openStreamReply(source()), sink, options);
  await clock.advance(0);
  expect(made).toBeLessThan(4);
  await stream.cancel();
  await pumped;
  await clock.advance(5_000); // the look that finds no stream any more
  expect(clock.sleeping).toBe(0);
});
