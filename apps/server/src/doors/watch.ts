/**
 * What happens in a node, for somebody who watches. Events wait until they are read, up to a bound: whoever does not
 * read is dropped, with a failure that says so, because neither the node nor its memory waits for a watcher.
 */
import type { SwarmEvent, WatchedEvent } from '@skein/contracts';
import type { Clock, EventSource } from '@skein/contracts/runtime';
import { Refusal } from './refusal.ts';
import type { SseEvent } from './sse.ts';

export interface WatchOptions {
  /** @default every type */
  types?: readonly SwarmEvent['type'][] | undefined;
  /** How much may wait, as characters of JSON; one event may be longer. @default 4,194,304 */
  maxWaitingChars?: number | undefined;
}

interface WatchDeps {
  events: EventSource<SwarmEvent>;
  clock: Clock;
}

/** Listens from this call on, until `return` is called: nothing is missed before the first `next`. */
export function watchEvents(
  { events, clock }: WatchDeps,
  { types, maxWaitingChars = 4_194_304 }: WatchOptions = {},
): AsyncIterableIterator<SseEvent> {
  const waiting: SseEvent[] = [];
  let chars = 0;
  let over: 'no' | 'left' | Refusal = 'no';
  let wake = () => {};

  const stop = events.onAny((event) => {
    if (types && !types.includes(event.type)) return;
    const watched: WatchedEvent = { at: new Date(clock.now()).toISOString(), event };
    const json = JSON.stringify(watched);
    waiting.push({ name: event.type, json });
    chars += json.length;
    if (chars > maxWaitingChars && waiting.length > 1) end(tooSlow());
    wake();
  });

  function end(how: 'left' | Refusal): void {
    stop();
    over = how;
    waiting.length = 0;
  }

  return {
    async next() {
      while (waiting.length === 0 && over === 'no')
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      const event = waiting.shift();
      if (event) {
        chars -= event.json.length;
        return { done: false, value: event };
      }
      if (over instanceof Refusal) {
        const failure = over;
        over = 'left';
        throw failure;
      }
      return { done: true, value: undefined };
    },
    async return() {
      end('left');
      wake();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function tooSlow(): Refusal {
  const message = 'events came faster than they were read, and the last ones are lost: watch again, and read faster';
  return new Refusal(503, 'watcher_too_slow', message);
}
