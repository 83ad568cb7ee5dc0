/** What the sending side tells those who wait for a directive, by its id. */
import type { DirectiveResult, DirectiveUpdate, SwarmEvent } from '@skein/contracts';
import type { Emitter } from '@skein/contracts/runtime';
import { createDirectiveBus, type DirectiveBus } from './directive-bus.ts';
import { outboxStatus } from './outbox-lifecycle.ts';
import type { OutboxRow } from './outbox-store.ts';

export interface OutboxBus extends DirectiveBus<DirectiveUpdate> {
  /** Tells what became of a row: those who wait for it, and whoever watches the node. */
  tell(row: Pick<OutboxRow, 'id' | 'order' | 'targetNodeId'>, update: DirectiveUpdate): void;
}

/** Output may be dropped where nobody reads it fast enough; states and results never are. */
export function createOutboxBus(events: Pick<Emitter<SwarmEvent>, 'emit'>): OutboxBus {
  const bus = createDirectiveBus<DirectiveUpdate>({ droppable: (update) => update.type === 'output' });
  return {
    ...bus,
    tell(row, update) {
      bus.publish(row.id, update);
      if (update.type === 'output') return;
      const { status, error } = update.type === 'result' ? update.result : { status: update.status, error: undefined };
      events.emit({
        type: 'directive.status_changed',
        ...{ directiveId: row.id, side: 'outbox', kind: row.order.kind, peer: row.targetNodeId, status },
        reason: error?.reason ?? null,
      });
    },
  };
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
