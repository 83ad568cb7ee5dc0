/** What the sending side tells those who wait for a directive, by its id. */
import type { DirectiveResult, DirectiveUpdate } from '@skein/contracts';
import { createDirectiveBus, type DirectiveBus } from './directive-bus.ts';
import { outboxStatus } from './outbox-lifecycle.ts';
import type { OutboxRow } from './outbox-store.ts';

export type OutboxBus = DirectiveBus<DirectiveUpdate>;

/** Output may be dropped where nobody reads it fast enough; states and results never are. */
export function createOutboxBus(): OutboxBus {
  return createDirectiveBus<DirectiveUpdate>({ droppable: (update) => update.type === 'output' });
}

/** The update that a row's present state amounts to: its result where it has one. */
export function toUpdate(row: OutboxRow): DirectiveUpdate {
  return row.result ? resultUpdate(row, row.result) : statusUpdate(row);
}

export function statusUpdate(row: OutboxRow): DirectiveUpdate {
  return { type: 'status', directiveId: row.id, status: outboxStatus(row.state, row.heard) };
}

function resultUpdate(row: OutboxRow, result: DirectiveResult): DirectiveUpdate {
  return { type: 'result', directiveId: row.id, result };
}
