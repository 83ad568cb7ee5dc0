/** Agents for tests on real nodes: how a node is configured with them, how they are spawned, and what ends know of them. */
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  AgentEntry,
  type AgentId,
  AgentList,
  type AgentMode,
  type AgentView,
  DispatchReply,
  FullProcessTree,
  isAgentEnd,
  type ProcessBranch,
  type SwarmEvent,
  type Usage,
  WatchedEvent,
} from '@skein/contracts';
import { eventually, type FleetNode } from './fleet.ts';

const WORKER = fileURLToPath(new URL('./agents/worker.mjs', import.meta.url));

/** Children, grandchildren, sessions of their own, double forks, one without an environment: each has the marker `$1`. */
const FAMILY = `
  sleep "$1" &
  setsid sleep "$1" &
  (setsid sh -c '(sleep "$0" &)' "$1" &)
  sh -c 'setsid sh -c "sleep $0; :" & sleep "$0"; :' "$1" &
  env -i /usr/bin/setsid /usr/bin/sleep "$1" &
  sleep "$1"`;
/** So many processes it is at least, when all of it runs. */
export const FAMILY_SIZE = 7;

/** What a node's configuration names. */
export const testAgents = {
  worker: { command: [process.execPath, WORKER], input: 'lines' },
  family: { command: ['/bin/sh', '-c', FAMILY, 'family'], input: 'argument' },
};

/** A number of seconds that no other program on this machine sleeps for. */
export const familyMarker = () => `${90_000 + randomInt(9_999)}.${randomInt(1_000_000)}`;

/** What agents report themselves; CPU and memory are measured. */
export type Reported = Pick<Usage, 'tokensIn' | 'tokensOut' | 'costMicroUsd' | 'toolCalls'>;

export function randomIncrements(count: number): Reported[] {
  return Array.from({ length: count }, () => ({
    tokensIn: randomInt(100_000),
    tokensOut: randomInt(20_000),
    costMicroUsd: randomInt(1_000_000),
    toolCalls: randomInt(50),
  }));
}

export function sumReported(figures: readonly Reported[]): Reported {
  const sum: Reported = { tokensIn: 0, tokensOut: 0, costMicroUsd: 0, toolCalls: 0 };
  for (const figure of figures) {
    sum.tokensIn += figure.tokensIn;
    sum.tokensOut += figure.tokensOut;
    sum.costMicroUsd += figure.costMicroUsd;
    sum.toolCalls += figure.toolCalls;
  }
  return sum;
}

export const reportedOf = ({ tokensIn, tokensOut, costMicroUsd, toolCalls }: Usage): Reported => ({
  ...{ tokensIn, tokensOut, costMicroUsd, toolCalls },
});

interface Spawn {
  agentType: keyof typeof testAgents;
  mode?: AgentMode;
  instruction?: string;
  /** See agents/worker.mjs. */
  context?: Readonly<Record<string, unknown>>;
}

/** Spawns an agent and resolves when it is in the spawner's list, whatever its mode. */
export async function spawnAgent(from: FleetNode, on: FleetNode, spawn: Spawn): Promise<AgentView> {
  const body = { mode: 'detach', instruction: 'work', ...spawn, target: on.nodeId };
  const { directive } = await from.ask('/agents', body, DispatchReply);
  return eventually(`an agent of directive ${directive.id} at ${from.name}`, async () => {
    const { agents } = await from.get('/agents?limit=1000', AgentList);
    return agents.find(({ agent }) => agent.directiveId === directive.id)?.agent;
  });
}

export const entryOf = (node: FleetNode, id: AgentId) => node.get(`/agents/${id}`, AgentEntry);

/** The agent as this node knows it, as soon as it is so. */
export function agentOnce(
  node: FleetNode,
  id: AgentId,
  what: string,
  isSo: (agent: AgentView) => boolean,
): Promise<AgentView> {
  return eventually(
    `${what}, of agent ${id} at ${node.name}`,
    async () => {
      const reply = await entryOf(node, id).catch(() => undefined); // its database may be away for a moment
      return reply && isSo(reply.agent) && reply.agent;
    },
    60_000,
  );
}

export const agentEnd = (node: FleetNode, id: AgentId) =>
  agentOnce(node, id, 'an end', ({ state }) => isAgentEnd(state));

/** The agent in the node's process tree. */
export async function branchOf(node: FleetNode, id: AgentId): Promise<ProcessBranch | undefined> {
  const find = (branches: readonly ProcessBranch[]): ProcessBranch | undefined => {
    for (const branch of branches) {
      const found = branch.agentId === id ? branch : find(branch.children);
      if (found) return found;
    }
    return undefined;
  };
  return find((await node.get('/processes', FullProcessTree)).roots);
}

export interface Watch extends AsyncDisposable {
  readonly events: readonly SwarmEvent[];
}

/** Reads GET /events from now on. */
export async function watchEvents(node: FleetNode, ...types: SwarmEvent['type'][]): Promise<Watch> {
  const leave = new AbortController();
  const token = readFileSync(join(node.dataDir, 'operator-token'), 'utf8').trim();
  const reply = await fetch(`${node.address}/api/swarm/events?types=${types.join(',')}`, {
    headers: { authorization: `Bearer ${token}` },
    signal: leave.signal,
  });
  if (!reply.ok || !reply.body) throw new Error(`/events answered ${reply.status}`);
  const events: SwarmEvent[] = [];
  const frames = reply.body.pipeThrough(new TextDecoderStream());
  const reading = (async () => {
    let text = '';
    for await (const piece of frames) {
      text += piece;
      const complete = text.split('\n\n');
      text = complete.pop() ?? '';
      for (const frame of complete) {
        const data = frame.split('\n').find((line) => line.startsWith('data: '));
        if (data) events.push(WatchedEvent.parse(JSON.parse(data.slice(6))).event);
      }
    }
  })().catch((cause: unknown) => {
    if (!leave.signal.aborted) throw cause;
  });
  return {
    events,
    async [Symbol.asyncDispose]() {
      leave.abort();
      await reading;
    },
  };
}
