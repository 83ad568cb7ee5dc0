/**
 * The work that a drain has to see off: what of it still goes on, and what became of the rest. Whatever is seen once is
 * remembered by its key, and its row tells its fate.
 */
import { type AgentId, type DirectiveError, type DrainFate, isFinal, type NodeId } from '@skein/contracts';
import type { AgentHost } from '../agents/agent-host.ts';
import type { AgentStore } from '../agents/agent-store.ts';
import { inboxKey } from '../directives/inbox-news.ts';
import type { InboxKey, InboxRow, InboxStore } from '../directives/inbox-store.ts';

export interface DrainWorkDeps {
  self: NodeId;
  inbox: Pick<InboxStore, 'listHeldByOthers' | 'counts' | 'find'>;
  agents: Pick<AgentStore, 'list' | 'countOpen' | 'find'>;
}

export interface DrainWork {
  /** Directives and detached agents that go on now: they are remembered. Zero means that nothing at all does. */
  look(): Promise<number>;
  fates(): Promise<DrainFate>;
}

/** No worker is called so: what it does not hold is everything that anybody holds. */
const NOBODY = '';
const MOST_AGENTS = 1_000;

/** Directives that are claimed or run, and detached agents. An agent that is waited for is its directive's. */
async function workOf({ self, inbox, agents }: DrainWorkDeps) {
  const [held, open] = await Promise.all([
    inbox.listHeldByOthers(self, NOBODY),
    agents.list({ nodeId: self, open: true, limit: MOST_AGENTS }),
  ]);
  return { held, open, detached: open.filter(({ mode }) => mode === 'detach') };
}

/** Ends every agent of this node, as interrupted: those that run, and rows that stand open though nothing runs for them. */
export async function endOpenAgents(
  { self, agents, host }: Pick<DrainWorkDeps, 'self' | 'agents'> & { host: Pick<AgentHost, 'interruptAll' | 'end'> },
  error: DirectiveError,
): Promise<void> {
  await host.interruptAll(error);
  const left = await agents.list({ nodeId: self, open: true, limit: MOST_AGENTS });
  await Promise.all(left.map(({ id }) => host.end(id, { state: 'interrupted', error })));
}

/** How many directives and detached agents run on this node. */
export async function countWork(deps: DrainWorkDeps): Promise<number> {
  const { held, detached } = await workOf(deps);
  return held.length + detached.length;
}

export function watchWork(deps: DrainWorkDeps): DrainWork {
  const { self, inbox, agents } = deps;
  const directives = new Map<string, InboxKey>();
  const detached = new Set<AgentId>();

  return {
    async look() {
      const now = await workOf(deps);
      for (const { sourceNodeId, id } of now.held) directives.set(inboxKey({ sourceNodeId, id }), { sourceNodeId, id });
      for (const { id } of now.detached) detached.add(id);
      return now.held.length + now.open.length;
    },
    async fates() {
      const rows = await Promise.all([...directives.values()].map((key) => inbox.find(key)));
      const ended = await Promise.all([...detached].map((id) => agents.find(id)));
      const fates = [
        ...rows.map((row) => row && fateOf(row)),
        ...ended.map((agent) => (agent?.state === 'interrupted' ? 'interrupted' : agent?.endedAt && 'finished')),
      ];
      const { queued } = await inbox.counts(self);
      return {
        finished: fates.filter((fate) => fate === 'finished').length,
        interrupted: fates.filter((fate) => fate === 'interrupted').length,
        waiting: queued,
      };
    },
  };
}

/** What was put back after a start was killed, and may start again; without a start it was never begun. */
function fateOf({ state, starts }: InboxRow): 'finished' | 'interrupted' | undefined {
  if (state === 'interrupted') return 'interrupted';
  if (isFinal(state)) return 'finished';
  return state === 'received' && starts > 0 ? 'interrupted' : undefined;
}
