/** Which agent of this node a word means: its id, or a name that one alone of those that run has. */
import { AgentId, type NodeId } from '@skein/contracts';
import type { AgentStore } from '../agents/agent-store.ts';

/** The id of an agent that runs or ran on this node; undefined where none ever did, or where several have the name. */
export type FindAgent = (word: string) => Promise<AgentId | undefined>;

/** More agents than this do not run on one node. */
const MOST_AT_ONCE = 10_000;

export function findAgentHere({
  self,
  agents,
}: {
  self: NodeId;
  agents: Pick<AgentStore, 'find' | 'list'>;
}): FindAgent {
  return async (word) => {
    const id = AgentId.safeParse(word);
    if (id.success && (await agents.find(id.data))?.nodeId === self) return id.data;
    const running = await agents.list({ nodeId: self, open: true, limit: MOST_AT_ONCE });
    const named = running.filter(({ name }) => name === word);
    return named.length === 1 ? named[0]?.id : undefined;
  };
}
