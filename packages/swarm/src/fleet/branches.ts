/**
 * Agents as trees: below an agent stand those that were spawned for its directive, wherever they run. Whoever claims
 * to be its own ancestor stands at the root, so that each agent stands in the trees exactly once.
 */
import { type AgentBranch, type AgentView, type NodeId, noUsage, type SwarmTopology, sumUsage } from '@skein/contracts';

export function agentBranches(agents: readonly AgentView[]): SwarmTopology['branches'] {
  const parents = withoutCircles(parentsOf(agents));
  const branches = new Map<AgentView, AgentBranch>();
  for (const agent of agents) branches.set(agent, { agent, children: [], totals: agent.usage, agents: 1 });
  const roots: AgentBranch[] = [];
  for (const [agent, branch] of branches) {
    const parent = parents.get(agent);
    const above = parent && branches.get(parent);
    if (above) above.children.push(branch);
    else roots.push(branch);
  }
  addUp(roots);
  return bySpawner(roots);
}

/** The agent whose directive each one was spawned for. Of several with that directive, the one at the spawning node. */
function parentsOf(agents: readonly AgentView[]): Map<AgentView, AgentView> {
  const byDirective = new Map<string, AgentView[]>();
  for (const agent of agents) addTo(byDirective, agent.directiveId, agent);
  const parents = new Map<AgentView, AgentView>();
  for (const agent of agents) {
    if (agent.parentDirectiveId === null) continue;
    const candidates = byDirective.get(agent.parentDirectiveId) ?? [];
    const parent = candidates.find(({ nodeId }) => nodeId === agent.spawnedBy) ?? candidates[0];
    if (parent) parents.set(agent, parent);
  }
  return parents;
}

/** Cuts each circle at one place. Every agent is walked over once: what is known to lead to a root is not walked again. */
function withoutCircles(parents: ReadonlyMap<AgentView, AgentView>): Map<AgentView, AgentView> {
  const sound = new Map(parents);
  const settled = new Set<AgentView>();
  for (const start of parents.keys()) {
    const path = new Set<AgentView>();
    for (let at: AgentView | undefined = start; at && !settled.has(at); at = sound.get(at)) {
      path.add(at);
      const next = sound.get(at);
      if (next && path.has(next)) sound.delete(at);
    }
    for (const agent of path) settled.add(agent);
  }
  return sound;
}

/** From the leaves up, without recursion: a chain may be as long as there are agents. */
function addUp(roots: readonly AgentBranch[]): void {
  const downwards = [...roots];
  for (const branch of downwards) downwards.push(...branch.children); // grows while it is walked over
  for (const branch of downwards.reverse()) {
    for (const child of branch.children) {
      branch.totals = sumUsage(branch.totals, child.totals);
      branch.agents += child.agents;
    }
  }
}

function bySpawner(roots: readonly AgentBranch[]): SwarmTopology['branches'] {
  const spawners = new Map<NodeId, AgentBranch[]>();
  for (const root of roots) addTo(spawners, root.agent.spawnedBy, root);
  return [...spawners].map(([spawnedBy, of]) => ({
    spawnedBy,
    roots: of,
    totals: of.map(({ totals }) => totals).reduce(sumUsage, noUsage),
  }));
}

function addTo<K, V>(groups: Map<K, V[]>, key: K, value: V): void {
  const group = groups.get(key);
  if (group) group.push(value);
  else groups.set(key, [value]);
}
