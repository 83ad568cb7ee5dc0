/** The agents that a configuration names, as the runtimes that the swarm spawns them through. */
import type { Clock, Logger } from '@skein/contracts/runtime';
import { createCommandAgent, type LocalKernel } from '@skein/remote-kernel';
import type { AgentRuntime, AgentRuntimes } from '@skein/swarm';
import type { AgentConfig } from '../config/agent-config.ts';

export interface AgentRuntimeDeps {
  host: LocalKernel['host'];
  clock: Clock;
  logger: Logger;
}

export function createAgentRuntimes(
  agents: Readonly<Record<string, AgentConfig>>,
  deps: AgentRuntimeDeps,
): AgentRuntimes {
  // Without a prototype: `constructor` is a name that nobody configured.
  const runtimes: Record<string, AgentRuntime> = Object.create(null);
  for (const [agentType, config] of Object.entries(agents))
    runtimes[agentType] = commandRuntime(agentType, config, deps);
  return runtimes;
}

function commandRuntime(
  agentType: string,
  config: AgentConfig,
  { host, clock, logger }: AgentRuntimeDeps,
): AgentRuntime {
  const { description, runtime: _runtime, ...command } = config;
  const agent = createCommandAgent({ host, clock, logger: logger.child({ agentType }) }, command);
  return {
    ...(description !== undefined && { description }),
    start: (request, hooks) => agent.start(request, hooks),
  };
}
