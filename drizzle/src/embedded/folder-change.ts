import { type FSWatcher, watch } from 'node:fs';
import { type Clock, linkedSignal } from '@skein/contracts/runtime';

/**
 * Resolves at the next change in a folder, at the end of a process, or after `atMostMs`: file events may be lost (no
 * inotify watches left, some container file systems), so nobody waits for one alone. An abort rejects with its reason.
 */
export async function nextChange(
  clock: Clock,
  folder: string,
  options: { atMostMs: number; ended?: Promise<unknown> | undefined; signal?: AbortSignal | undefined },
): Promise<void> {
  const { atMostMs, ended, signal } = options;
  const disarm = new AbortController();
  let watcher: FSWatcher | undefined;
  const changed = new Promise<void>((resolve) => {
    try {
      watcher = watch(folder, () => resolve());
      watcher.on('error', () => {}); // the timer is there for this
    } catch {
      // Not there yet, or nothing left to watch with: the timer again.
    }
  });
  const waited = clock.sleep(atMostMs, linkedSignal(signal, disarm.signal).signal);
  waited.catch(() => {}); // disarmed below, or thrown by the race
  try {
    await Promise.race([changed, waited, ...(ended ? [ended] : [])]);
  } finally {
    disarm.abort(); // and with it the link
    watcher?.close();
  }
}
