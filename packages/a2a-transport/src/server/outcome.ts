/** A promise that is settled from outside, once, and made when somebody asks for it. Nobody has to listen to it. */
export class Outcome<T> {
  #state: { value: T } | { cause: unknown } | undefined;
  #waiting: { resolve: (value: T) => void; reject: (cause: unknown) => void }[] = [];

  get settled(): boolean {
    return this.#state !== undefined;
  }

  /** Who asks hears of it, also when it has been settled long ago. */
  get promise(): Promise<T> {
    const state = this.#state;
    if (!state) return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
    return 'value' in state ? Promise.resolve(state.value) : Promise.reject(state.cause);
  }

  resolve(value: T): void {
    if (this.#state) return;
    this.#state = { value };
    for (const { resolve } of this.#waiting.splice(0)) resolve(value);
  }

  reject(cause: unknown): void {
    if (this.#state) return;
    this.#state = { cause };
    for (const { reject } of this.#waiting.splice(0)) reject(cause);
  }
}
