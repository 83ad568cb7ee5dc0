/**
 * Writes that are in flight at the same moment travel together: one statement and one commit for all of them. Where nothing is on
 * its way nobody waits for company: what is ready leaves as soon as the program has read what had already come in. While it
 * is on its way the next ones gather, and leave when they are as many, or when it has arrived: many small flights would keep
 * the database as busy as twice as many writes in large ones.
 */
import { LinkedList } from '@skein/contracts/runtime';

interface CoalescerDeps<T, R> {
  /** Stores all of them at once, or none. Answers each in its place. */
  write(items: readonly T[]): Promise<readonly R[]>;
  /** Two of the same key keep their order: the later one leaves when the earlier one has arrived. */
  keyOf(item: T): string;
  /** In bytes, roughly. */
  sizeOf(item: T): number;
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

/** A function that writes one item, in company where there is some. Rejects with why this one could not be stored. */
export function createCoalescer<T, R>(deps: CoalescerDeps<T, R>, options: CoalescerOptions = {}) {
  const { write, keyOf, sizeOf, isOutage } = deps;
  const { maxFlights = 2, maxItems = 500, maxBytes = 4_194_304 } = options;
  let waiting: Waiting<T, R>[] = [];
  const flights = new LinkedList<readonly Waiting<T, R>[]>();
  let woken = false;

  /** The first that may leave, and who may travel with it. */
  function take(): Waiting<T, R>[] {
    const taken: Waiting<T, R>[] = [];
    const left: Waiting<T, R>[] = [];
    const passed = new Set(flights.values().flatMap((entries) => entries.map(({ key }) => key)));
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

  async function fly(entries: readonly Waiting<T, R>[]): Promise<void> {
    try {
      const answers = await write(entries.map(({ item }) => item));
      // `write` answers each item in its place.
      for (const [at, { resolve }] of entries.entries()) resolve(answers[at] as R);
    } catch (cause) {
      if (entries.length === 1 || isOutage(cause)) for (const { reject } of entries) reject(cause);
      else for (const entry of entries) await fly([entry]); // one of them is to blame, and must not take the others with it
    }
  }

  function leave(): void {
    woken = false;
    if (flights.values().some(({ length }) => length > waiting.length)) return;
    while (flights.size < maxFlights) {
      const entries = take();
      if (entries.length === 0) return;
      const flight = flights.add(entries);
      void fly(entries).then(() => {
        flights.remove(flight);
        wake();
      });
    }
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
