/**
 * Values by name, in the order in which they came, the oldest of which can be taken away at once. A new iterator of a Map
 * passes everything that was ever deleted ahead of the first entry; one that is kept has passed it already.
 */
export class OldestFirst<Value> {
  readonly #entries = new Map<string, Value>();
  #names = this.#entries.keys();

  get size(): number {
    return this.#entries.size;
  }

  get(name: string): Value | undefined {
    return this.#entries.get(name);
  }

  /** Adds it as the newest, where the name is new. */
  add(name: string, value: Value): void {
    this.#entries.set(name, value);
  }

  delete(name: string): void {
    this.#entries.delete(name);
  }

  values(): Iterable<Value> {
    return this.#entries.values();
  }

  /** Takes the oldest away. */
  takeOldest(): Value | undefined {
    let oldest = this.#names.next();
    if (oldest.done) {
      // It ends for good where it finds nothing.
      this.#names = this.#entries.keys();
      oldest = this.#names.next();
    }
    if (oldest.done) return undefined;
    const value = this.#entries.get(oldest.value);
    this.#entries.delete(oldest.value);
    return value;
  }
}
