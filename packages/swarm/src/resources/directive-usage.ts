/**
 * What directives use: programs while they run, and everything at its end. Each start of a directive is a run of its
 * own. The node's agents are not among them: they outlive their directives, and are recorded under their own ids; what
 * came of them says so.
 */
import type { Usage } from '@skein/contracts';
import type { InboxRow } from '../directives/inbox-store.ts';
import type { ResourceAccounting } from './accounting.ts';
import type { RunReading } from './usage-ledger.ts';
import type { UsageRecorder } from './usage-recorder.ts';

/** Names one start of a directive; programs run under it. */
export function runIdOf({ id, epoch }: Pick<InboxRow, 'id' | 'epoch'>): string {
  return `${id}/${epoch}`;
}

/** What a run calls at its end, before the end is stored. Rejects while the store is away: call again. */
export function recordDirectiveUsage(recorder: Pick<UsageRecorder, 'record'>) {
  return async (row: InboxRow, usage: Usage): Promise<void> => {
    await recorder.record([{ runId: runIdOf(row), usage }]);
  };
}

/** The readings of directives' programs that run now: of the runs that the books know, those that the worker holds. */
export function programReadings(
  accounting: Pick<ResourceAccounting, 'runs'>,
  held: readonly Pick<InboxRow, 'id' | 'epoch'>[],
): RunReading[] {
  const ids = new Set(held.map(runIdOf));
  return (accounting.runs?.() ?? []).filter(({ runId }) => ids.has(runId));
}
