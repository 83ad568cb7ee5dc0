import { LinkedList, type Place } from './linked-list.ts';

interface Named<Value> {
  readonly name: string;
  readonly value: Value;
}

/**
 * Values by name, in the order in which they came, for what comes and goes with every request: see `LinkedList`. Of what was
 * deleted the `Map` within may hold the name and an empty place for a while, and never the value. The oldest can be taken away
 * at once, where a `Map` would pass all that was deleted ahead of its first entry.
 */
export class LinkedMap<Value> {
  readonly #list = new LinkedList<Named<Value>>();
  readonly #places = new Map<string, Place<Named<Value>>>();

  get size(): number {
    return this.#list.size;
  }

  get(name: string): Value | undefined {
    return this.#places.get(name)?.value?.value;
  }

  /** As the newest, in place of what had its name. */
  set(name: string, value: Value): void {
    this.delete(name);
    this.#places.set(name, this.#list.add({ name, value }));
  }

  delete(name: string): void {
    const place = this.#places.get(name);
    if (!place) return;
    this.#places.delete(name);
    this.#list.remove(place);
  }

  /** As they stand now, the oldest first. */
  values(): Value[] {
    return this.#list.values().map(({ value }) => value);
  }

  takeOldest(): Value | undefined {
    const oldest = this.#list.first?.value;
    if (oldest) this.delete(oldest.name);
    return oldest?.value;
  }
}
