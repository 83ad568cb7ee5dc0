/**
 * Agents that this node has running on others, as its own kernel shows them: in its process tree under PIDs that no
 * operating system hands out, and beside its own figures, never in them: what runs elsewhere is another node's usage.
 */
import { type AgentId, type FullProcessTree, type NodeId, noUsage, type Usage } from '@skein/contracts';
import type { Clock } from '@skein/contracts/runtime';
import type { AccountingTotals } from './accounting.ts';
import { fullProcessTree } from './full-process-tree.ts';
import type { LocalKernel } from './local-kernel.ts';
import { createPidSpace } from './pid-space.ts';
import type {
  EndedRemoteProcess,
  RemoteExit,
  RemoteProcess,
  RemoteProcessSpec,
  RemoteReading,
} from './remote-process.ts';
import { addUsage, growthSince } from './remote-usage.ts';

/** Of agents elsewhere, finished ones included; a counter that begins anew adds to what it had before. */
export interface RemoteTotals {
  /** Agents that run now. */
  running: number;
  /** Since the kernel was made. */
  finished: number;
  usage: Usage;
  /** How often a reading showed counters below those before it. */
  resets: number;
}

/** What is used here and elsewhere, never mixed. */
export interface AggregatedResources {
  /** This node's own runs, and nothing else. */
  local: AccountingTotals;
  nodes: readonly (RemoteTotals & { nodeId: NodeId })[];
  /** Of all other nodes. */
  remote: RemoteTotals;
}

/** A node as this kernel sees it, with what of it concerns this node. */
export interface KernelTopologyNode {
  nodeId: NodeId;
  isSelf: boolean;
  /** Of this node: its processes. Of another: the agents that this node has running there. */
  running: number;
  /** Of this node: what its runs used. Of another: what this node's agents there used. */
  usage: Usage;
}

/** The local process tree with the agents that this node has running elsewhere. */
export interface RemoteKernel {
  /** Puts an agent into the tree; the PID that it has, where it is there already. */
  registerRemoteProcess(process: RemoteProcessSpec): number;
  /** Takes it out at once; false where it is not there. Its exit stands in `recentExits`. */
  unregisterRemoteProcess(agentId: AgentId, exit?: RemoteExit): boolean;
  /** Takes over readings of agents that are in the tree; others are passed over. The same ones twice change nothing. */
  syncRemoteResources(readings: readonly RemoteReading[]): void;
  findRemoteProcess(agentId: AgentId): RemoteProcess | undefined;
  getAggregatedResources(): AggregatedResources;
  /** This node first, then those where it has or had agents. */
  getSwarmTopology(self: NodeId): readonly KernelTopologyNode[];
  getFullProcessTree(self: NodeId): FullProcessTree;
  /** The last 100, the latest first. */
  recentExits(): readonly EndedRemoteProcess[];
}

const KEPT_EXITS = 100;

interface Kept extends RemoteProcess {
  version: number;
}

interface NodeTotals {
  finished: number;
  usage: Usage;
  resets: number;
}

/** Adds agents elsewhere to a local kernel, which goes on by itself. PIDs begin at 900,000. */
export function createRemoteKernel({ local, clock }: { local: LocalKernel; clock: Clock }): RemoteKernel {
  const pids = createPidSpace();
  const running = new Map<AgentId, Kept>();
  const totals = new Map<NodeId, NodeTotals>();
  let exits: (EndedRemoteProcess & Kept)[] = []; // the latest last

  const totalsOf = (nodeId: NodeId): NodeTotals => {
    const known = totals.get(nodeId) ?? { finished: 0, usage: noUsage, resets: 0 };
    totals.set(nodeId, known);
    return known;
  };
  const runningOn = (nodeId: NodeId) => [...running.values()].filter((process) => process.nodeId === nodeId).length;

  return {
    registerRemoteProcess(spec) {
      const known = running.get(spec.agentId);
      if (known) return known.pid;
      // Taken out too early and back again: what it was said to have used already counts no second time.
      const before = exits.find((ended) => ended.agentId === spec.agentId);
      exits = exits.filter((ended) => ended !== before);
      if (before) totalsOf(before.nodeId).finished -= 1;
      const pid = pids.take();
      running.set(spec.agentId, { ...spec, pid, usage: before?.usage ?? noUsage, version: before?.version ?? 0 });
      totalsOf(spec.nodeId);
      return pid;
    },
    unregisterRemoteProcess(agentId, exit) {
      const process = running.get(agentId);
      if (!process) return false;
      running.delete(agentId);
      pids.release(process.pid);
      totalsOf(process.nodeId).finished += 1;
      const endedAt = new Date(clock.now()).toISOString();
      exits = [...exits.slice(1 - KEPT_EXITS), { ...process, endedAt, exit: exit ?? null }];
      return true;
    },
    syncRemoteResources(readings) {
      for (const { agentId, usage, version } of readings) {
        const process = running.get(agentId);
        if (!process || (version !== undefined && version <= process.version)) continue;
        const growth = growthSince(process.usage, usage);
        const node = totalsOf(process.nodeId);
        node.usage = addUsage(node.usage, growth.usage);
        if (growth.reset) node.resets += 1;
        running.set(agentId, { ...process, usage, version: version ?? process.version });
      }
    },
    findRemoteProcess(agentId) {
      const process = running.get(agentId);
      return process && shown(process);
    },
    getAggregatedResources() {
      const nodes = [...totals].map(([nodeId, node]) => ({ nodeId, running: runningOn(nodeId), ...node }));
      return {
        local: local.accounting.totals(),
        nodes,
        remote: {
          running: running.size,
          finished: nodes.reduce((sum, node) => sum + node.finished, 0),
          usage: nodes.reduce((sum, node) => addUsage(sum, node.usage), noUsage),
          resets: nodes.reduce((sum, node) => sum + node.resets, 0),
        },
      };
    },
    getSwarmTopology(self) {
      const { durationMs: _time, runningCount: _running, finishedCount: _finished, ...own } = local.accounting.totals();
      const here = { nodeId: self, isSelf: true, running: local.tree.snapshot().runningCount, usage: own };
      const others = [...totals].filter(([nodeId]) => nodeId !== self);
      return [
        here,
        ...others.map(([nodeId, { usage }]) => ({ nodeId, isSelf: false, running: runningOn(nodeId), usage })),
      ];
    },
    getFullProcessTree: (self) =>
      fullProcessTree({ self, at: clock.now(), local: local.tree.snapshot(), remote: [...running.values()] }),
    recentExits: () =>
      exits.toReversed().map(({ endedAt, exit, ...process }) => ({ ...shown(process), endedAt, exit })),
  };
}

const shown = ({ version: _version, ...process }: Kept): RemoteProcess => process;
