/** Who goes first: the higher priority, but waiting counts too, so that nothing starves. */
import type { Priority } from '@skein/contracts';

/** What each priority is worth before any waiting. */
export const priorityRank = { low: 0, normal: 1, high: 2, critical: 3 } as const satisfies Record<Priority, number>;

/** A directive gains one level for each such span that it has waited. */
export const PRIORITY_AGING_MS = 30_000;

/** The rank after waiting: level by level, never above critical. */
export function agedRank(priority: Priority, waitedMs: number): number {
  return Math.min(priorityRank.critical, priorityRank[priority] + Math.floor(waitedMs / PRIORITY_AGING_MS));
}
