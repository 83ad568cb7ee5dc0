/** What a program hands in to have a node. Only what others need to reach and know it is required. */
import type { HttpPort } from '@skein/a2a-transport';
import type { Clock, Logger, Random } from '@skein/contracts/runtime';
import type { AgentRuntimes } from './agents/agent-runtime.ts';
import type { RemoteProcesses } from './agents/remote-processes.ts';
import type { ProgramRunner } from './directives/handlers/program-runner.ts';
import type { LivenessTiming } from './membership/timing.ts';
import type { ResourceAccounting } from './resources/accounting.ts';
import type { MachineProbe } from './resources/probe.ts';
import type { NodeIdentity } from './security/node-identity.ts';
import type { PolicyOptions } from './security/policy.ts';
import type { SwarmStores } from './stores.ts';

export interface SwarmNodeOptions {
  name: string;
  /** Origins that others reach this node at, best first: `node.app` must be served there. */
  addresses: readonly string[];
  identity: NodeIdentity;
  /** Programs run here, and nowhere else. Made where it does not exist. */
  workFolder: string;
  group?: string;
  labels?: Readonly<Record<string, string>>;
  capabilities?: readonly string[];
  /** Directives that run at once. @default 4 */
  capacity?: number;
  /** The swarm's name in the agent card. @default 'skein' */
  swarm?: string;
  /** Origins of seeds to join. */
  seeds?: readonly string[];
  /** For the first join of each seed. */
  joinToken?: string;
  /** @default in memory: nothing outlives the process */
  stores?: SwarmStores;
  /** @default none: the node refuses execute_task */
  runner?: ProgramRunner;
  accounting?: ResourceAccounting;
  /** The types of agents that the node can spawn; a program may register more. @default none */
  agentRuntimes?: AgentRuntimes;
  /** Who keeps the process tree. @default one that shows agents on other nodes, and no processes of this machine */
  processes?: RemoteProcesses;
  /** @default nothing is allowed */
  policy?: PolicyOptions;
  /** @default lanTiming: a beat every 30 s, offline after 120 s */
  timing?: LivenessTiming;
  /** Whether a bearer token is the operator's, who may talk to the node over A2A. @default nobody's is */
  isOperator?: (token: string) => boolean;
  version?: string;
  http?: HttpPort;
  machine?: MachineProbe;
  clock?: Clock;
  random?: Random;
  logger?: Logger;
}
