/** This node's copy of the shared state, as its program and its operator read and write it. */
import { type StateEntry, StateKey } from '@skein/contracts';
import { z } from 'zod';
import { firstIssue } from '../directives/directive-message.ts';
import { SwarmError } from '../errors.ts';
import { requirePathable } from '../pathable.ts';
import { valueBytes } from './entry-bytes.ts';
import type { NamespaceRules, Namespaces } from './namespaces.ts';
import type { StateDesk } from './state-desk.ts';
import { toStateEntry } from './state-intake.ts';
import type { StateStore, StateValue } from './state-store.ts';
import { type SyncDeps, type SyncPoint, syncStart, syncWithPeer } from './sync-with-peer.ts';

export interface StateDeskDeps extends SyncDeps {
  state: StateStore;
  namespaces: Namespaces;
}

export function createStateDesk(deps: StateDeskDeps): StateDesk {
  const { self, state, namespaces, intake, turns } = deps;
  const syncPoints = new Map<string, SyncPoint>();

  /** Writes a value or, with undefined, a tombstone; in the namespace's turn, so that its bounds hold. */
  async function write(namespace: string, key: string, value: StateValue | undefined) {
    const rules = namespaces.require(namespace);
    requireKey(key);
    if (value !== undefined) requirePathable('key', key);
    const sender = await intake.senderOf(self);
    const passOn = await turns.take(rules.name);
    try {
      const before = await state.find(self, rules.name, key);
      if (value === undefined && (!before || before.deleted)) return undefined;
      const version = { counter: (before?.version.counter ?? 0) + 1, nodeId: self };
      const entry: StateEntry = value === undefined ? { key, deleted: true, version } : { key, value, version };
      const { refused } = await intake.judge([entry], rules, sender);
      if (refused[0]) throw stateRefused(rules, key, value, refused[0].reason);
      const written = await state.write(self, rules.name, key, value);
      intake.tell([toStateEntry(written)], rules, sender);
      return written;
    } finally {
      passOn();
    }
  }

  return {
    registerNamespace: (name, namespace) => namespaces.register(name, namespace),
    listNamespaces: () =>
      Promise.all(
        namespaces.list().map(async ({ name, maxEntries, maxBytes }) => {
          const { entries, bytes } = await state.size(self, name);
          return { name, entries, bytes, maxEntries, maxBytes };
        }),
      ),
    async getState(namespace, key) {
      const found = await state.find(self, namespaces.require(namespace).name, key);
      return found?.deleted ? undefined : found;
    },
    listState: async (namespace) => state.list(self, namespaces.require(namespace).name),
    async putState(namespace, key, value) {
      const parsed = z.json().safeParse(value);
      if (!parsed.success) throw new SwarmError('INVALID_ARGUMENT', 'value must be JSON');
      const written = await write(namespace, key, parsed.data);
      if (!written) throw new Error('a value that is put is there');
      return written;
    },
    deleteState: (namespace, key) => write(namespace, key, undefined),
    async syncState(namespace, nodeId, options = {}) {
      const rules = namespaces.require(namespace);
      if (nodeId === self) throw new SwarmError('INVALID_ARGUMENT', 'a node is at one with itself; name another');
      const name = `${nodeId} ${rules.name}`;
      const { reply, point } = await syncWithPeer(deps, rules, nodeId, syncPoints.get(name) ?? syncStart, options);
      syncPoints.set(name, point);
      return reply;
    },
  };
}

function requireKey(key: string): void {
  const parsed = StateKey.safeParse(key);
  if (!parsed.success) throw new SwarmError('INVALID_ARGUMENT', `key: ${firstIssue(parsed.error)}`);
}

const advice: Readonly<Record<string, string>> = {
  value_not_portable: 'the value nests deeper than 32 levels, or has a key __proto__ or constructor',
  tier_not_allowed: 'the tier of this node does not allow it',
  skill_without_description: 'a skill is an object with a description',
};

function stateRefused(
  { name: namespace, maxValueBytes, maxEntries, maxBytes }: NamespaceRules,
  key: string,
  value: StateValue | undefined,
  reason: string,
): SwarmError {
  const bounds: Readonly<Record<string, string>> = {
    value_too_large: `the value has ${valueBytes(value)} bytes as JSON, and at most ${maxValueBytes} may stand there`,
    too_many_entries: `it holds as many entries as it may, ${maxEntries}; delete some first`,
    namespace_full: `no room is left of its ${maxBytes} bytes; delete something first`,
  };
  const message = `${key} cannot be put into ${namespace}: ${bounds[reason] ?? advice[reason] ?? reason}`;
  return new SwarmError('STATE_REFUSED', message, { metadata: { namespace, key, reason } });
}
