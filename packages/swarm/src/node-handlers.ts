/** The node's own way with each kind of directive, below what its program registers. */
import type { AgentHost } from './agents/agent-host.ts';
import { executeTask } from './directives/handlers/execute-task.ts';
import { forwardMessage } from './directives/handlers/forward-message.ts';
import type { DirectiveHandlers } from './directives/handlers/handler.ts';
import { queryResources } from './directives/handlers/query-resources.ts';
import { spawnAgent } from './directives/handlers/spawn-agent.ts';
import { type SyncStateDeps, syncState } from './directives/handlers/sync-state.ts';
import type { FindAgent } from './mail/find-agent.ts';
import type { NodeBase } from './node-base.ts';
import type { Registrations } from './registration.ts';
import type { SwarmNodeOptions } from './swarm-node-options.ts';

export interface NodeHandlersDeps extends Pick<SyncStateDeps, 'namespaces' | 'intake' | 'turns'> {
  base: NodeBase;
  host: AgentHost;
  registrations: Registrations;
  findAgent: FindAgent;
}

export function createNodeHandlers(
  { base, host, registrations, findAgent, ...state }: NodeHandlersDeps,
  { runner, policy = { allowedPrograms: [] }, workFolder }: SwarmNodeOptions,
): DirectiveHandlers {
  const { self, databaseId, stores, accounting, events, clock, random, logger, readLive } = base;
  const { agents, mail } = stores;
  const { tools, runtimes } = registrations;
  const own: DirectiveHandlers = {
    execute_task: executeTask({ runner, tools, policy, workFolder, clock, logger }),
    spawn_agent: spawnAgent({ host, runtimes: () => runtimes }),
    query_resources: queryResources({
      ...{ self, readMetrics: readLive, processes: () => accounting.processes(), host, agents, clock },
    }),
    forward_message: forwardMessage({ self, mail, findAgent, events, random }),
    sync_state: syncState({ self, databaseId, state: stores.state, ...state }),
  };
  return registrations.handlersOver(own, { runsPrograms: runner !== undefined });
}
