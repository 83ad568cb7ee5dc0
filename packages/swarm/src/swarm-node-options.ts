/** What a program hands in to have a node. Only what others need to reach and know it is required. */
import type { HttpPort } from '@skein/a2a-transport';
import type { Clock, Logger, Random } from '@skein/contracts/runtime';
import type { AgentRuntimes } from './agents/agent-runtime.ts';
import type { RemoteProcesses } from './agents/remote-processes.ts';
import type { CortexOptions } from './cortex/cortex-peers.ts';
import type { ProgramRunner } from './directives/handlers/program-runner.ts';
import type { LivenessTiming } from './membership/timing.ts';
import type { ResourceAccounting } from './resources/accounting.ts';
import type { MachineProbe } from './resources/probe.ts';
import type { NodeIdentity } from './security/node-identity.ts';
import type { PolicyOptions } from './security/policy.ts';
import type { SwarmStores } from './stores.ts';
import type { PlainMessageOptions } from './tasks/plain-options.ts';

/** What a node is made with. */
export interface SwarmNodeOptions extends PlainMessageOptions {
  /** What people call it: 1 to 63 letters, digits, dots, dashes or underscores. Its id is its key's, not its name's. */
  name: string;
  /** Origins that others reach this node at, best first: `node.app` must be served there. */
  addresses: readonly string[];
  /** The node's key: `createNodeIdentity()` the first time, `importNodeIdentity(pem)` ever after. */
  identity: NodeIdentity;
  /** Programs run here, and nowhere else. Made where it does not exist. */
  workFolder: string;
  /** What its record says. The group that others hold of it is the one of its join token. @default none */
  group?: string;
  /** For selectors: at most 64, names of 63 and values of 255 characters. @default none */
  labels?: Readonly<Record<string, string>>;
  /** For selectors: what it has beside its kinds, such as `gpu`. At most 64. @default none */
  capabilities?: readonly string[];
  /** Directives that run at once. @default 4 */
  capacity?: number;
  /** The swarm's name in the agent card. @default 'skein' */
  swarm?: string;
  /** Origins of seeds to join in the background, again and again until they answer. @default none */
  seeds?: readonly string[];
  /** For the first join of each seed, which it names; a key that is known there needs none. */
  joinToken?: string;
  /** @default in memory: nothing outlives the process */
  stores?: SwarmStores;
  /** @default none: the node refuses execute_task */
  runner?: ProgramRunner;
  /** Figures of what runs here. @default none: programs count at their end */
  accounting?: ResourceAccounting;
  /** The types of agents that the node can spawn; a program may register more. @default none */
  agentRuntimes?: AgentRuntimes;
  /** Who keeps the process tree. @default one that shows agents on other nodes, and no processes of this machine */
  processes?: RemoteProcesses;
  /** @default nothing is allowed */
  policy?: PolicyOptions;
  /** Instances of CortexPrism to speak with in their own dialect, below `/cortex/` of `node.app`. @default none */
  cortex?: CortexOptions;
  /** @default lanTiming: a beat every 30 s, offline after 120 s */
  timing?: LivenessTiming;
  /** Whether a bearer token is the operator's, who may talk to the node over A2A. @default nobody's is */
  isOperator?: (token: string) => boolean;
  /** The program's version, in the agent card. @default '0.1.0' */
  version?: string;
  /** How it reaches others; one that is handed in is the caller's to close. @default undici's */
  http?: HttpPort;
  /** Reads the machine's load for the metrics. @default this machine */
  machine?: MachineProbe;
  /** Paces the node; what is due is decided by the stores' clock. @default the system's */
  clock?: Clock;
  /** Ids and jitter; keys, tokens and nonces never come from here. @default the system's */
  random?: Random;
  /** @default says nothing */
  logger?: Logger;
}
