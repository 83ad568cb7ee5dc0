/** Judges entries against what this node holds, and tells of those that were stored. */
import type { NodeId, StateEntry, StateEntryView, SwarmEvent } from '@skein/contracts';
import type { Emitter, Logger } from '@skein/contracts/runtime';
import type { NodeStore } from '../membership/node-store.ts';
import { type Judgement, judgeEntries } from './entry-rules.ts';
import type { StateSender } from './namespace.ts';
import type { NamespaceRules } from './namespaces.ts';
import type { StateStore } from './state-store.ts';

export interface StateIntakeDeps {
  self: NodeId;
  state: Pick<StateStore, 'findMany' | 'size'>;
  nodes: Pick<NodeStore, 'find'>;
  events: Pick<Emitter<SwarmEvent>, 'emit'>;
  logger: Logger;
}

export interface StateIntake {
  /** What a node may send is decided by the tier that its admission granted. */
  senderOf(nodeId: NodeId): Promise<StateSender>;
  /** To be asked, and acted on, within the namespace's turn. */
  judge(entries: readonly StateEntry[], rules: NamespaceRules, sender: StateSender): Promise<Judgement>;
  /** After the commit. The program's own part cannot fail ours, and nobody waits for it. */
  tell(entries: readonly StateEntry[], rules: NamespaceRules, sender: StateSender): void;
}

export function createStateIntake({ self, state, nodes, events, logger }: StateIntakeDeps): StateIntake {
  return {
    async senderOf(nodeId) {
      if (nodeId === self) return { nodeId, tier: 'root', isSelf: true };
      const entry = await nodes.find(nodeId);
      return { nodeId, tier: entry && !entry.removed ? entry.tier : 'unprivileged', isSelf: false };
    },

    async judge(entries, rules, sender) {
      if (entries.length === 0) return { news: [], refused: [] };
      const keys = [...new Set(entries.map(({ key }) => key))];
      const [held, size] = await Promise.all([state.findMany(self, rules.name, keys), state.size(self, rules.name)]);
      return judgeEntries(entries, { entries: held, size }, rules, sender);
    },

    tell(entries, rules, sender) {
      if (entries.length === 0) return;
      const keys = entries.map(({ key }) => key);
      events.emit({ type: 'state.merged', namespace: rules.name, keys, sourceNodeId: sender.nodeId });
      const applied = async () => rules.onMerged?.(entries, sender);
      applied().catch((cause) => logger.error('a namespace could not apply what was merged', { keys, cause }));
    },
  };
}

export function toStateEntry({ key, value, deleted, version }: StateEntryView): StateEntry {
  return deleted || value === undefined ? { key, deleted: true, version } : { key, value, version };
}
