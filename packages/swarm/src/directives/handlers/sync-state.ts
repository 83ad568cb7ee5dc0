/** Merges what a node sends of a namespace, and answers with what it lacks. */
import { type DatabaseId, type NodeId, noUsage, type SyncStateOutput } from '@skein/contracts';
import { changesPage } from '../../state/changes-page.ts';
import { withoutHeld } from '../../state/entry-rules.ts';
import type { Namespaces } from '../../state/namespaces.ts';
import type { StateIntake } from '../../state/state-intake.ts';
import type { StateStore } from '../../state/state-store.ts';
import type { Turns } from '../../state/turns.ts';
import type { DirectiveHandler } from './handler.ts';

export interface SyncStateDeps {
  self: NodeId;
  databaseId: DatabaseId;
  state: Pick<StateStore, 'changesSince'>;
  namespaces: Pick<Namespaces, 'find'>;
  intake: StateIntake;
  turns: Turns;
}

export function syncState(deps: SyncStateDeps): DirectiveHandler<'sync_state'> {
  const { self, databaseId, namespaces, intake, turns } = deps;
  return async ({ namespace, entries, since = 0 }, { sourceNodeId, signal }) => {
    const rules = namespaces.find(namespace);
    if (!rules)
      return {
        status: 'failed',
        error: {
          reason: 'unknown_namespace',
          message: `this node has no namespace ${namespace}; its program can register it`,
          metadata: { namespace },
        },
        usage: noUsage,
      };
    const sender = await intake.senderOf(sourceNodeId);
    // Kept until the outcome is stored: what is told as merged is what the store then finds to be news.
    const passOn = await turns.take(namespace, signal);
    try {
      const { news, refused } = await intake.judge(entries, rules, sender);
      const changes = await changesPage(deps, namespace, since);
      const output: SyncStateOutput = {
        ...{ databaseId, namespace, merged: news.length, refused },
        entries: withoutHeld(changes.entries, new Map(entries.map((entry) => [entry.key, entry]))),
        ...{ cursor: changes.cursor, more: changes.more },
      };
      return {
        status: 'completed',
        output,
        usage: noUsage,
        effects: news.length > 0 ? [{ type: 'merge', nodeId: self, namespace, entries: news }] : [],
        settled(stored) {
          passOn();
          if (stored) intake.tell(news, rules, sender);
        },
      };
    } catch (cause) {
      passOn();
      throw cause;
    }
  };
}
