/** The kernel's tree of remote processes as the port that the swarm shows its agents elsewhere through. */
import { type AgentId, type AgentView, isAgentEnd } from '@skein/contracts';
import type { RemoteKernel } from '@skein/remote-kernel';
import type { RemoteProcesses } from '@skein/swarm';

export function createRemoteProcesses(kernel: RemoteKernel): RemoteProcesses {
  /** How those that are in the tree ended, from their last word until they are taken out. */
  const ends = new Map<AgentId, AgentView>();
  return {
    register: ({ id, nodeId, name, startedAt, parentDirectiveId }) =>
      kernel.registerRemoteProcess({ agentId: id, nodeId, label: name, startedAt, parentDirectiveId }),
    sync(agent) {
      const { id, usage, version } = agent;
      kernel.syncRemoteResources([{ agentId: id, usage, version }]);
      if (isAgentEnd(agent.state) && kernel.findRemoteProcess(id)) ends.set(id, agent);
    },
    unregister(id) {
      const end = ends.get(id);
      ends.delete(id);
      const { exitCode = null, signal = null } = end?.result ?? {};
      kernel.unregisterRemoteProcess(id, end && { state: end.state, exitCode, signal });
    },
    pidOf: (id) => kernel.findRemoteProcess(id)?.pid,
    tree: (self) => kernel.getFullProcessTree(self),
  };
}
