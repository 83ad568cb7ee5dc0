/**
 * Sees when another process of this node has ended agents that run here: a second start of the same node takes the first
 * one for gone, and ends its rows. An agent that says nothing would learn of it never, and run on without a book.
 */
import { type AgentId, isAgentEnd, type NodeId } from '@skein/contracts';
import type { Clock, Logger } from '@skein/contracts/runtime';
import { type Pump, startPump } from '../pump.ts';
import type { AgentStore } from './agent-store.ts';

export interface OtherEndsDeps {
  self: NodeId;
  agents: Pick<AgentStore, 'list' | 'find'>;
  /** What runs in this process. */
  running: () => readonly AgentId[];
  /** Its row has ended. Told again for as long as it runs. */
  onEnded: (id: AgentId) => void;
  clock: Clock;
  logger: Logger;
}

const LOOK_EVERY_MS = 5_000;
const MOST_AGENTS = 10_000;

export function startOtherEnds({ self, agents, running, onEnded, clock, logger }: OtherEndsDeps): Pump {
  async function look(stopping: AbortSignal): Promise<undefined> {
    const ids = running();
    if (ids.length === 0) return undefined;
    const open = await agents.list({ nodeId: self, open: true, limit: MOST_AGENTS });
    const isOpen = new Set(open.map(({ id }) => id));
    for (const id of ids) {
      if (stopping.aborted) return undefined;
      if (isOpen.has(id)) continue;
      const row = await agents.find(id);
      if (row && isAgentEnd(row.state)) onEnded(id);
    }
    return undefined;
  }
  const onError = (cause: unknown) => logger.warn('the rows of agents could not be looked at', { cause });
  return startPump(clock, look, { everyMs: LOOK_EVERY_MS, onError });
}
