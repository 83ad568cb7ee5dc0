/** Where a value stands in a list. It lets go of the value when that is taken out. */
export interface Place<Value> {
  readonly value: Value | undefined;
}

class Link<Value> implements Place<Value> {
  value: Value | undefined;
  list: object | undefined;
  before: Link<Value> | undefined;
  after: Link<Value> | undefined;

  constructor(list: object, value: Value | undefined) {
    this.list = list;
    this.value = value;
  }
}

/**
 * Values in the order in which they came, for what comes and goes with every request.
 *
 * There a `Set` costs far more than its own work. When it is filled up it moves to a new table, and the outgrown one leads to
 * that, with all that it held. Once one of them has become old, whatever has passed through since survives every collection
 * of young objects, until the old ones are collected: on a busy server that was a fifth of its time. Here what was taken out
 * is held by nobody.
 */
export class LinkedList<Value extends object> {
  /** Stands before the first and after the last. */
  readonly #ends: Link<Value>;
  #size = 0;

  constructor() {
    const ends = new Link<Value>(this, undefined);
    ends.before = ends;
    ends.after = ends;
    this.#ends = ends;
  }

  get size(): number {
    return this.#size;
  }

  get first(): Place<Value> | undefined {
    return this.#size > 0 ? this.#ends.after : undefined;
  }

  /** At the end. Its place is what it is taken out by. */
  add(value: Value): Place<Value> {
    const link = new Link<Value>(this, value);
    const last = this.#ends.before;
    link.before = last;
    link.after = this.#ends;
    if (last) last.after = link;
    this.#ends.before = link;
    this.#size += 1;
    return link;
  }

  /** Twice is as good as once. A place of another list changes nothing. */
  remove(place: Place<Value>): void {
    if (!(place instanceof Link) || place.list !== this) return;
    if (place.before) place.before.after = place.after;
    if (place.after) place.after.before = place.before;
    place.list = undefined;
    place.value = undefined;
    place.before = undefined;
    place.after = undefined;
    this.#size -= 1;
  }

  /** As they stand now, the first first: the list may change while they are gone through. */
  values(): Value[] {
    const values: Value[] = [];
    for (let link = this.#ends.after; link?.value; link = link.after) values.push(link.value);
    return values;
  }
}
