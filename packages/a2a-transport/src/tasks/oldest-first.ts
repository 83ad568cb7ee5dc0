interface Entry<Value> {
  readonly name: string;
  readonly value: Value;
  older: Entry<Value> | undefined;
  newer: Entry<Value> | undefined;
}

/**
 * Values by name, in the order in which they came, the oldest of which can be taken away at once. A list beside the Map: a
 * new iterator of a Map passes all that was deleted ahead of its first entry, and one that is kept holds on to it.
 */
export class OldestFirst<Value> {
  readonly #entries = new Map<string, Entry<Value>>();
  #oldest: Entry<Value> | undefined;
  #newest: Entry<Value> | undefined;

  get size(): number {
    return this.#entries.size;
  }

  get(name: string): Value | undefined {
    return this.#entries.get(name)?.value;
  }

  /** Adds it as the newest, in place of what had its name. */
  add(name: string, value: Value): void {
    this.delete(name);
    const entry: Entry<Value> = { name, value, older: this.#newest, newer: undefined };
    if (this.#newest) this.#newest.newer = entry;
    else this.#oldest = entry;
    this.#newest = entry;
    this.#entries.set(name, entry);
  }

  delete(name: string): void {
    const entry = this.#entries.get(name);
    if (!entry) return;
    this.#entries.delete(name);
    const { older, newer } = entry;
    if (older) older.newer = newer;
    else this.#oldest = newer;
    if (newer) newer.older = older;
    else this.#newest = older;
  }

  *values(): Generator<Value, void, undefined> {
    for (let entry = this.#oldest; entry; entry = entry.newer) yield entry.value;
  }

  /** Takes the oldest away. */
  takeOldest(): Value | undefined {
    const oldest = this.#oldest;
    if (oldest) this.delete(oldest.name);
    return oldest?.value;
  }
}
