import { type SwarmEvent, WatchedEvent } from '@skein/contracts';
import { createEmitter } from '@skein/contracts/runtime';
import { createFakeClock } from '@skein/contracts/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OTHER } from '../testing/sample-views.ts';
import { Refusal } from './refusal.ts';
import { type WatchOptions, watchEvents } from './watch.ts';

const beat: SwarmEvent = { type: 'heartbeat.answered', nodeId: OTHER };
const removed = (name: string): SwarmEvent => ({ type: 'node.removed', nodeId: OTHER, name });

function watched(options: WatchOptions = {}) {
  const clock = createFakeClock();
  const events = createEmitter<SwarmEvent>((cause) => {
    throw cause;
  });
  let listeners = 0;
  const counted = {
    ...events,
    onAny(listener: (event: SwarmEvent) => void) {
      listeners += 1;
      const off = events.onAny(listener);
      let gone = false;
      return () => {
        if (!gone) listeners -= 1;
        gone = true;
        off();
      };
    },
  };
  const watcher = watchEvents({ events: counted, clock }, options);
  const eventOf = (json: string) => WatchedEvent.parse(JSON.parse(json));
  return { clock, emit: events.emit, watcher, eventOf, listeners: () => listeners };
}

test('events wait for their reader in order, each with its hour', async () => {
  const { clock, emit, watcher, eventOf } = watched();
  emit(beat);
  await clock.advance(1_500);
  emit(removed('node-2'));
  const [first, second] = [await watcher.next(), await watcher.next()];
  expect(first.value).toMatchObject({ name: 'heartbeat.answered' });
  expect(eventOf(first.value.json)).toEqual({ at: '2026-01-01T00:00:00.000Z', event: beat });
  expect(eventOf(second.value.json)).toEqual({ at: '2026-01-01T00:00:01.500Z', event: removed('node-2') });
});

test('a reader that came first is woken by the event', async () => {
  const { emit, watcher } = watched();
  const next = watcher.next();
  emit(beat);
  expect((await next).value).toMatchObject({ name: 'heartbeat.answered' });
});

test('only the types that were asked for are told', async () => {
  const { emit, watcher } = watched({ types: ['node.removed', 'agent.ended'] });
  emit(beat);
  emit(removed('node-2'));
  expect((await watcher.next()).value).toMatchObject({ name: 'node.removed' });
});

test('who leaves is not listened for any more, even while he waits', async () => {
  const { emit, watcher, listeners } = watched();
  const waiting = watcher.next();
  expect(listeners()).toBe(1);
  await watcher.return?.();
  expect(listeners()).toBe(0);
  emit(beat);
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(await watcher.next()).toEqual({ done: true, value: undefined });
});

test('one event is told however long it is', async () => {
  const { emit, watcher } = watched({ maxWaitingChars: 10 });
  emit(removed('x'.repeat(1_000)));
  expect((await watcher.next()).value).toMatchObject({ name: 'node.removed' });
});

test('whoever does not read is dropped: he hears why, and nothing is kept for him', async () => {
  const { emit, watcher, listeners } = watched({ maxWaitingChars: 300 });
  for (let i = 0; i < 10; i += 1) emit(removed('node-2'));
  expect(listeners()).toBe(0);
  await expect(watcher.next()).rejects.toMatchObject({ reason: 'watcher_too_slow' });
  expect(await watcher.next()).toEqual({ done: true, value: undefined });
});

test('however reading and events take turns, what is read is the beginning of what happened, without a gap', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom('emit', 'read'), { maxLength: 60 }), async (turns) => {
      const { emit, watcher, eventOf, listeners } = watched({ maxWaitingChars: 600 });
      const size = JSON.stringify({ at: '2026-01-01T00:00:00.000Z', event: removed('00') }).length;
      const read: string[] = [];
      let emitted = 0;
      let dropped = false;
      for (const turn of turns) {
        if (turn === 'emit') {
          emit(removed(String(emitted).padStart(2, '0')));
          emitted += 1;
          const waiting = emitted - read.length;
          dropped ||= waiting > 1 && waiting * size > 600;
        } else if (dropped || read.length < emitted) {
          const next = await watcher.next().catch((cause: unknown) => cause);
          if (dropped) {
            expect(next).toBeInstanceOf(Refusal);
            break;
          }
          // Not dropped, so it is an event.
          const { event } = eventOf((next as { value: { json: string } }).value.json);
          if (event.type === 'node.removed') read.push(event.name);
        }
        expect(listeners()).toBe(dropped ? 0 : 1);
      }
      expect(read).toEqual(read.map((_, i) => String(i).padStart(2, '0')));
    }),
  );
});
