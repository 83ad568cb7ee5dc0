import type { Random } from './random.ts';

/** How long to wait before trying again: full jitter, so that those who failed together do not return together. */
export interface BackoffOptions {
  /** Upper bound of the first wait in milliseconds. @default 1_000 */
  baseMs?: number;
  /** Upper bound of any wait in milliseconds. @default 60_000 */
  capMs?: number;
}

/** Milliseconds in [0, min(capMs, baseMs · 2^attempt)) for the attempt that just failed, counted from 0. */
export function backoffMs(attempt: number, random: Random, options: BackoffOptions = {}): number {
  const { baseMs = 1_000, capMs = 60_000 } = options;
  return Math.floor(random.next() * Math.min(capMs, baseMs * 2 ** Math.min(attempt, 40)));
}
