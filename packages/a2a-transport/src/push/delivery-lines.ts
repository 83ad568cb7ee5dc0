import { createTurns } from '../server/turns.ts';
import type { TaskOwner } from '../tasks/task-store.ts';
import type { DeliveryLine } from './delivery-line.ts';
import type { StoredPushConfig } from './push-config-store.ts';

/**
 * Which tasks somebody wants to hear of: a line for each active configuration, and nothing for all other tasks. Changes
 * of one task's configurations follow each other, and what a start reads never undoes one of them.
 */
export class DeliveryLines {
  readonly #create: (config: StoredPushConfig, onEnd: () => void) => DeliveryLine;
  readonly #inTurn = createTurns();
  readonly #byTask = new Map<string, Map<string, DeliveryLine>>();
  /** Configurations that were changed while a start reads: its page may be older than they are. */
  #changed: Set<string> | undefined;
  #closed = false;

  constructor(create: (config: StoredPushConfig, onEnd: () => void) => DeliveryLine) {
    this.#create = create;
  }

  /** On the way of every event of every task. */
  wake(taskId: string): void {
    const lines = this.#byTask.get(taskId);
    if (lines) for (const line of lines.values()) line.wake();
  }

  /** One change of this task's configurations after another. */
  change<T>(taskId: string, step: () => Promise<T>): Promise<T> {
    return this.#inTurn(taskId, step);
  }

  /** The configuration begins, or begins anew: what ran under its id ends at once. */
  replace(config: StoredPushConfig): void {
    this.#changed?.add(keyOf(config));
    this.#begin(config);
  }

  /** A start begins to read what the store has. */
  beginStart(): void {
    this.#changed = new Set();
  }

  /** Found in the store by a start. A line that is there already is as new or newer. */
  takeUp(config: StoredPushConfig): void {
    if (this.#changed?.has(keyOf(config)) || this.#lineOf(config)) return;
    this.#begin(config);
  }

  /** The configuration is gone: what ran under its id ends at once. */
  drop(owner: TaskOwner, taskId: string, id: string): void {
    const key = { owner, taskId, id };
    this.#changed?.add(keyOf(key));
    const line = this.#lineOf(key);
    if (!line) return;
    this.#forget(line);
    void line.stop();
  }

  /** The start has read everything, or failed. */
  endStart(): void {
    this.#changed = undefined;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const lines = [...this.#byTask.values()].flatMap((each) => [...each.values()]);
    this.#byTask.clear();
    await Promise.all(lines.map((line) => line.stop()));
  }

  #begin(config: StoredPushConfig): void {
    if (this.#closed) return;
    void this.#lineOf(config)?.stop();
    const line = this.#create(config, () => this.#forget(line));
    const lines = this.#byTask.get(config.taskId) ?? new Map<string, DeliveryLine>();
    this.#byTask.set(config.taskId, lines.set(keyOf(config), line));
    line.wake();
  }

  #forget(line: DeliveryLine): void {
    const { taskId } = line.config;
    if (this.#lineOf(line.config) !== line) return; // another has its place
    const lines = this.#byTask.get(taskId);
    lines?.delete(keyOf(line.config));
    if (lines?.size === 0) this.#byTask.delete(taskId);
  }

  #lineOf(key: LineKey): DeliveryLine | undefined {
    return this.#byTask.get(key.taskId)?.get(keyOf(key));
  }
}

type LineKey = Pick<StoredPushConfig, 'owner' | 'taskId' | 'id'>;

function keyOf({ owner, taskId, id }: LineKey): string {
  return JSON.stringify([taskId, owner, id]);
}
