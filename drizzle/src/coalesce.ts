/**
 * Writes that are in flight at the same moment travel together: one statement and one commit for all of them. Where nothing is on
 * its way nobody waits for company: what is ready leaves as soon as the program has read what had already come in. While it
 * is on its way the next ones gather, and leave when they are as many, when it has arrived, or after some milliseconds, so that a
 * slow one holds up nobody: two half-empty statements at a time keep the database as busy as two full ones.
 */
import { type Clock, LinkedList } from '@skein/contracts/runtime';

interface CoalescerDeps<T, R> {
  /** Stores all of them at once, or none. Answers each in its place. */
  write(items: readonly T[]): Promise<readonly R[]>;
  /** Two of the same key keep their order: the later one leaves when the earlier one has arrived. */
  keyOf(item: T): string;
  /** In bytes, roughly. */
  sizeOf(item: T): number;
  clock: Pick<Clock, 'sleep'>;
  /** Whether the failure says nothing about the items: then none of them is tried alone. */
  isOutage(cause: unknown): boolean;
}

interface CoalescerOptions {
  /** Statements on their way at the same time. @default 2 */
  maxFlights?: number;
  /** Items that travel together. @default 500 */
  maxItems?: number;
  /** Of these no more than come to this many bytes, but for one that is larger by itself. @default 4_194_304 */
  maxBytes?: number;
}

interface Waiting<T, R> {
  readonly item: T;
  readonly key: string;
  readonly size: number;
  resolve(answer: R): void;
  reject(cause: unknown): void;
}

interface Flight<T, R> {
  readonly entries: readonly Waiting<T, R>[];
  /** How many others must wait to leave beside it. */
  outweighs: number;
}

/** The longest that one waits for company while another flight is on its way, in milliseconds. */
const MOST_HELD_MS = 5;

/** A function that writes one item, in company where there is some. Rejects with why this one could not be stored. */
export function createCoalescer<T, R>(deps: CoalescerDeps<T, R>, options: CoalescerOptions = {}) {
  const { write, keyOf, sizeOf, clock, isOutage } = deps;
  const { maxFlights = 2, maxItems = 500, maxBytes = 4_194_304 } = options;
  let waiting: Waiting<T, R>[] = [];
  const flights = new LinkedList<Flight<T, R>>();
  let woken = false;
  let holding = false;

  /** The first that may leave, and who may travel with it. */
  function take(): Waiting<T, R>[] {
    const taken: Waiting<T, R>[] = [];
    const left: Waiting<T, R>[] = [];
    const passed = new Set(flights.values().flatMap(({ entries }) => entries.map(({ key }) => key)));
    let bytes = 0;
    for (const entry of waiting) {
      const fits = taken.length === 0 || (taken.length < maxItems && bytes + entry.size <= maxBytes);
      const leaves = fits && !passed.has(entry.key);
      passed.add(entry.key); // who stays holds back all of its key that come after it
      (leaves ? taken : left).push(entry);
      if (leaves) bytes += entry.size;
    }
    waiting = left;
    return taken;
  }

  async function fly(flight: Flight<T, R>): Promise<void> {
    const { entries } = flight;
    try {
      await arrive(entries);
    } catch (cause) {
      if (entries.length === 1 || isOutage(cause)) for (const { reject } of entries) reject(cause);
      else await flyAlone(flight);
    }
  }

  async function arrive(entries: readonly Waiting<T, R>[]): Promise<void> {
    const answers = await write(entries.map(({ item }) => item));
    // `write` answers each item in its place.
    for (const [at, { resolve }] of entries.entries()) resolve(answers[at] as R);
  }

  /** One of them is to blame, and must not take the others with it. */
  async function flyAlone(flight: Flight<T, R>): Promise<void> {
    flight.outweighs = 1;
    for (const entry of flight.entries) await arrive([entry]).catch(entry.reject);
  }

  function leave(): void {
    woken = false;
    if (flights.values().some(({ outweighs }) => outweighs > waiting.length)) hold();
    else depart();
  }

  function depart(): void {
    while (flights.size < maxFlights) {
      const entries = take();
      if (entries.length === 0) return;
      const flight = { entries, outweighs: entries.length };
      const place = flights.add(flight);
      void fly(flight).then(() => {
        flights.remove(place);
        wake();
      });
    }
  }

  function hold(): void {
    if (holding) return;
    holding = true;
    void clock.sleep(MOST_HELD_MS).then(() => {
      holding = false;
      depart();
    });
  }

  function wake(): void {
    if (woken || flights.size >= maxFlights || waiting.length === 0) return;
    woken = true;
    setImmediate(leave);
  }

  return (item: T): Promise<R> =>
    new Promise((resolve, reject) => {
      waiting.push({ item, key: keyOf(item), size: sizeOf(item), resolve, reject });
      wake();
    });
}
