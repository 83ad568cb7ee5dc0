import type { Effect } from '@skein/swarm';
import { deliver } from '../statements/mail/deliver.ts';
import type { Sql } from '../statements/statement.ts';
import { mergeEntries } from './state-entries.ts';

/** Stores what a piece of work wanted stored, in the transaction that stores its result. */
export async function applyEffect(tx: Sql, effect: Effect): Promise<void> {
  switch (effect.type) {
    case 'deliver':
      await deliver(tx, effect.mail); // a duplicate has been delivered already, which is as good
      return;
    case 'merge':
      await mergeEntries(tx, effect.nodeId, effect.namespace, effect.entries);
      return;
    default:
      effect satisfies never;
  }
}
