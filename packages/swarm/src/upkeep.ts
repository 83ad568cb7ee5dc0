/** Forgets what the books no longer keep: acknowledged mail, tombstones, agents and tasks that ended long ago. */
import type { NodeId } from '@skein/contracts';
import type { Clock, Logger } from '@skein/contracts/runtime';
import { SwarmError } from './errors.ts';
import { type Pump, startPump } from './pump.ts';
import type { SwarmStores } from './stores.ts';

export interface UpkeepDeps {
  self: NodeId;
  stores: Pick<SwarmStores, 'mail' | 'state' | 'agents' | 'a2aTasks'>;
  clock: Clock;
  logger: Logger;
}

export interface UpkeepOptions {
  /** Time between two looks at each book in milliseconds. @default 3_600_000 */
  everyMs?: number;
}

/** Of very many rows a store forgets a part at a time: then the next part comes after this. */
const NEXT_PART_MS = 1_000;

export function startUpkeep(
  { self, stores, clock, logger }: UpkeepDeps,
  { everyMs = 3_600_000 }: UpkeepOptions = {},
): Pump {
  const { mail, state, agents, a2aTasks } = stores;
  async function forget(stopping: AbortSignal): Promise<number | undefined> {
    let forgotten = 0;
    for (const [book, store] of Object.entries({ mail, state, agents, a2aTasks })) {
      if (stopping.aborted) return undefined;
      try {
        forgotten += await store.purge(self);
      } catch (cause) {
        if (cause instanceof SwarmError && cause.code === 'STORE_UNAVAILABLE') throw cause; // for the others too
        logger.warn('a book could not be tidied yet', { book, cause }); // the others can
      }
    }
    return forgotten > 0 ? NEXT_PART_MS : undefined;
  }
  return startPump(clock, forget, {
    everyMs,
    onError: (cause) => logger.warn('the books could not be tidied yet', { cause }),
  });
}
