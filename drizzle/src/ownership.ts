/**
 * One process per node identity on a database that several nodes share. Held by a session; when that session is lost it
 * is asked for again, and only an answer that names somebody else ends it.
 */
import { type Clock, deadlineSignal, type Logger, silentLogger, systemClock } from '@skein/contracts/runtime';
import { asDatabaseError } from './connect.ts';
import { DatabaseError } from './errors.ts';
import { askForLock, type LockSession, type OwnerLock } from './owner-lock.ts';
import type { DatabaseTarget } from './target.ts';

/** The right to be a node on a shared database, until it is released. */
export interface Ownership extends AsyncDisposable {
  /** May be called twice. */
  release(): Promise<void>;
}

/** Who wants to be which node. */
export interface OwnershipOptions {
  /** What is owned: the node's identity. */
  key: string;
  /** Shown to whoever is refused: `node worker-1 pid 123`. At most 63 bytes of it. */
  owner: string;
  /** Another process took the identity while our session was gone: this one should end. Called once. */
  onLost?: (cause: DatabaseError) => void;
  /** @default the system's */
  clock?: Clock;
  /** @default says nothing */
  logger?: Logger;
  /** How long to wait at first for a server that is not answering yet, in milliseconds. @default 10_000 */
  deadlineMs?: number;
}

const askAgainMs = 250;

/** Rejects with OWNERSHIP_HELD, UNREACHABLE or ACCESS_REFUSED. */
export async function holdOwnership(target: DatabaseTarget, options: OwnershipOptions): Promise<Ownership> {
  const { clock = systemClock, logger = silentLogger, deadlineMs = 10_000, onLost } = options;
  const ending = new AbortController();
  let silence: unknown;
  const deadline = deadlineSignal(clock, deadlineMs, () => asDatabaseError(target, silence));
  let lock: OwnerLock;
  try {
    lock = await takeLock(deadline.signal);
  } finally {
    deadline.clear();
  }
  const keeping = keep();
  let released: Promise<void> | undefined;
  const release = () => {
    released ??= (async () => {
      ending.abort(new DatabaseError('STOPPED', 'The ownership was released.'));
      await lock.release();
      await keeping;
    })();
    return released;
  };
  return { release, [Symbol.asyncDispose]: release };

  async function keep(): Promise<void> {
    while (!ending.signal.aborted) {
      await lock.lost;
      if (ending.signal.aborted) return;
      logger.warn('the ownership of this node was interrupted', { key: options.key });
      try {
        lock = await takeLock(ending.signal, lock.session);
      } catch (cause) {
        if (!ending.signal.aborted) tellLost(asDatabaseError(target, cause));
        return;
      }
    }
  }

  async function takeLock(signal: AbortSignal, former?: LockSession): Promise<OwnerLock> {
    for (;;) {
      signal.throwIfAborted();
      const asking = askForLock(target, { ...options, keepAlive: true }).catch((cause: unknown) => {
        throw asDatabaseError(target, cause);
      });
      const answer = await beforeAbort(asking, signal, (late) => {
        if (late.status === 'taken') void late.lock.release();
      });
      if (answer.status === 'taken') {
        if (!signal.aborted) return answer.lock;
        await answer.lock.release();
      }
      // A network that failed on our side alone leaves our own session behind, until the server notices.
      if (answer.status === 'held' && !isSame(answer.session, former)) throw heldBy(answer.by);
      if (answer.status === 'silent' || answer.status === 'busy') silence = answer.cause;
      await clock.sleep(askAgainMs, signal);
    }
  }

  function tellLost(reason: DatabaseError): void {
    logger.error('the ownership of this node was lost', { code: reason.code, owner: reason.owner });
    try {
      onLost?.(reason);
    } catch (thrown) {
      logger.error('a listener failed', { thrown });
    }
  }

  function heldBy(owner: string): DatabaseError {
    return new DatabaseError(
      'OWNERSHIP_HELD',
      `The identity of this node is in use by ${owner}. Stop that process first; two nodes need two data folders.`,
      { owner },
    );
  }
}

const isSame = (one: LockSession, other: LockSession | undefined) =>
  one.backendPid === other?.backendPid && one.startedAt === other.startedAt;

/** The promise's value, unless the signal aborts first: then its reason, and a value that comes late is handed to `tidy`. */
function beforeAbort<T>(promise: Promise<T>, signal: AbortSignal, tidy: (late: T) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      reject(signal.reason);
      promise.then(tidy, () => {}); // nobody waits for its failure any more
    };
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
