import type { Clock } from '@skein/contracts/runtime';
import { A2AClientError } from '../errors.ts';

/** How long one exchange may take. Its signal aborts with TIMEOUT, or with the reason of the caller's own signal. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Takes the time limit off; the caller's abort still counts. */
  disarm(): void;
  /** The exchange is over: nothing is left listening. */
  clear(): void;
}

export function startDeadline(clock: Clock, ms: number, awaited: string, parent: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  const disarmed = new AbortController();
  const onAbort = () => controller.abort(parent?.reason);
  if (parent?.aborted) onAbort();
  else parent?.addEventListener('abort', onAbort, { once: true });
  clock.sleep(ms, disarmed.signal).then(
    () => controller.abort(timeout(awaited, ms)),
    () => {}, // disarmed
  );
  const disarm = () => disarmed.abort();
  return {
    signal: controller.signal,
    disarm,
    clear() {
      disarm();
      parent?.removeEventListener('abort', onAbort);
    },
  };
}

/** Settles as `promise` does, or rejects with the signal's reason at once: no port can hold its caller longer. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function timeout(awaited: string, ms: number): A2AClientError {
  return new A2AClientError('TIMEOUT', `${awaited} did not come within ${ms} ms`);
}
