/**
 * Tells of every node whose eligibility has changed in this registry, whoever wrote it: this node, a node that told of
 * itself, a seed, another node on the same database.
 */
import type { Eligibility, NodeId, RegistryCursor, SwarmEvent } from '@skein/contracts';
import type { Clock, Emitter, Logger } from '@skein/contracts/runtime';
import { type Pump, startPump } from '../pump.ts';
import { CHANGES_LIMIT, type NodeEntry, type NodeStore } from './node-store.ts';

export interface EligibilityNewsDeps {
  nodes: Pick<NodeStore, 'changesSince'>;
  events: Emitter<SwarmEvent>;
  clock: Clock;
  logger: Logger;
}

const LOOK_EVERY_MS = 5_000;

export function startEligibilityNews({ nodes, events, clock, logger }: EligibilityNewsDeps): Pump {
  const known = new Map<NodeId, Eligibility>();
  let cursor: RegistryCursor | undefined;
  let isFirstLook = true;

  function take({ id, eligibility: to, eligibilityNote }: NodeEntry): void {
    const from = known.get(id) ?? (isFirstLook ? to : 'eligible'); // what stood there before this life is no news
    known.set(id, to);
    if (from === to) return;
    const reason = eligibilityNote?.reason ?? null;
    logger.info('a node’s eligibility changed', { nodeId: id, from, to, reason });
    events.emit({ type: 'node.eligibility_changed', nodeId: id, from, to, reason });
  }

  async function look(signal: AbortSignal): Promise<undefined> {
    for (let more = true; more && !signal.aborted; ) {
      const changes = await nodes.changesSince(cursor);
      for (const entry of changes.entries) take(entry);
      cursor = changes.cursor;
      more = changes.entries.length >= CHANGES_LIMIT;
    }
    isFirstLook = false;
  }

  return startPump(clock, look, {
    everyMs: LOOK_EVERY_MS,
    onError: (cause) => logger.error('the registry could not be read for changes of eligibility', { cause }),
  });
}
