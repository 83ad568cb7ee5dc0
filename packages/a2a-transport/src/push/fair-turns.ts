import PQueue from 'p-queue';
import type { TaskOwner } from '../tasks/task-store.ts';

interface FairTurnsOptions {
  /** Turns at once, over all owners. */
  concurrency: number;
  /** Turns of one owner at once. */
  perOwner: number;
}

/**
 * Takes turns so that nobody waits for the slowness of another owner's: each owner has a few places of its own among all,
 * and where all are taken, the next that is free is for whoever has none. So one owner waits for another at most as long
 * as one turn takes, while fewer owners than there are places keep theirs busy.
 */
export class FairTurns {
  readonly #all: PQueue;
  readonly #perOwner: number;
  readonly #byOwner = new Map<TaskOwner, PQueue>();

  constructor({ concurrency, perOwner }: FairTurnsOptions) {
    this.#all = new PQueue({ concurrency });
    this.#perOwner = perOwner;
  }

  /** Owners that have a turn or wait for one: of others nothing is kept. */
  get owners(): number {
    return this.#byOwner.size;
  }

  async take<T>(owner: TaskOwner, turn: () => Promise<T>): Promise<T> {
    const own = this.#byOwner.get(owner) ?? new PQueue({ concurrency: this.#perOwner });
    this.#byOwner.set(owner, own);
    try {
      return await own.add(() => this.#all.add(turn, { priority: own.pending === 1 ? 1 : 0 }));
    } finally {
      const isIdle = own.pending === 0 && own.size === 0;
      if (isIdle && this.#byOwner.get(owner) === own) this.#byOwner.delete(owner);
    }
  }
}
