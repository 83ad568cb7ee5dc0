/** The process tree of a node that runs no processes of its own: the agents that it has running elsewhere, and no more. */
import { type AgentId, type AgentView, FIRST_REMOTE_PID, isAgentEnd, type ProcessBranch } from '@skein/contracts';
import type { Clock } from '@skein/contracts/runtime';
import type { RemoteProcesses } from './remote-processes.ts';

export function createPlainRemoteProcesses({ clock }: { clock: Pick<Clock, 'now'> }): RemoteProcesses {
  const entries = new Map<AgentId, { pid: number; agent: AgentView }>();
  let nextPid = FIRST_REMOTE_PID;

  function roots(): ProcessBranch[] {
    const spawners = new Map([...entries.values()].map(({ agent }) => [agent.directiveId, agent.id]));
    const branches = new Map([...entries].map(([id, { pid, agent }]) => [id, toBranch(pid, agent)]));
    return [...entries].flatMap(([id, { agent }]) => {
      const branch = branches.get(id);
      const spawner = agent.parentDirectiveId === null ? undefined : spawners.get(agent.parentDirectiveId);
      const above = spawner === undefined ? undefined : branches.get(spawner);
      if (!branch || !above) return branch ? [branch] : [];
      above.children.push(branch); // below the agent that spawned it
      return [];
    });
  }

  return {
    register(agent) {
      const known = entries.get(agent.id);
      const pid = known?.pid ?? nextPid++;
      if (!known) entries.set(agent.id, { pid, agent });
      return pid;
    },
    sync(agent) {
      const known = entries.get(agent.id);
      if (known && agent.version > known.agent.version) entries.set(agent.id, { ...known, agent });
    },
    unregister: (id) => void entries.delete(id),
    pidOf: (id) => entries.get(id)?.pid,
    tree(self) {
      const at = new Date(clock.now()).toISOString();
      return { nodeId: self, at, local: 0, remote: entries.size, roots: roots() };
    },
  };
}

function toBranch(pid: number, agent: AgentView): ProcessBranch {
  const { id, nodeId, name, startedAt, state, usage } = agent;
  return {
    ...{ pid, kind: 'remote', nodeId, runId: id, agentId: id, label: name, startedAt, children: [] },
    cpuMs: usage.cpuMs,
    memoryBytes: isAgentEnd(state) ? 0 : usage.peakMemoryBytes,
    peakMemoryBytes: usage.peakMemoryBytes,
  };
}
