import type { Task } from '@skein/contracts/a2a';
import type { Principal } from './principal.ts';

/**
 * Keeps plain tasks, each for the principal that made it.
 *
 * Promise: `get` answers what the last settled `put` of this id and owner left, or `undefined`: for another owner
 * exactly as for an unknown id. Tasks are values: neither side changes one that it handed over.
 */
export interface TaskStore {
  get(id: string, owner: Principal | undefined): Promise<Task | undefined>;
  put(task: Task, owner: Principal | undefined): Promise<void>;
}
