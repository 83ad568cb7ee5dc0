/** A promise that is settled from outside, once. Nobody has to listen to it. */
export class Outcome<T> {
  readonly promise: Promise<T>;
  #settle: { resolve: (value: T) => void; reject: (cause: unknown) => void } | undefined;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.promise.catch(() => {}); // who awaits it hears of it; nobody has to
  }

  get settled(): boolean {
    return this.#settle === undefined;
  }

  resolve(value: T): void {
    this.#settle?.resolve(value);
    this.#settle = undefined;
  }

  reject(cause: unknown): void {
    this.#settle?.reject(cause);
    this.#settle = undefined;
  }
}
