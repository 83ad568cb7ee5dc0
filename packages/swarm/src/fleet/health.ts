/** How well a node is: its figures against the values from which people should look, and from which they must. */
import {
  type HealthCheck,
  type HealthGrade,
  type NodeHealth,
  type NodeMetrics,
  type NodeStatus,
  nodeStatus,
} from '@skein/contracts';
import type { NodeEntry } from '../membership/node-store.ts';
import type { LivenessTiming } from '../membership/timing.ts';

/** What is known of a node; null where it is not. */
export interface HealthFigures {
  metrics: NodeMetrics | null;
  /** How long it has not beaten here. */
  silentMs: number | null;
  /** How long the last call to it took. */
  latencyMs: number | null;
}

interface Threshold extends Pick<HealthCheck, 'name' | 'unit'> {
  value: (figures: HealthFigures) => number | null;
  /** From these values on. */
  from: (node: Pick<NodeEntry, 'record'>, timing: LivenessTiming) => { warning: number; critical: number };
}

const percentOf = (used: number, total: number): number | null =>
  total > 0 ? Math.round((used / total) * 1_000) / 10 : null;

const thresholds: readonly Threshold[] = [
  {
    name: 'cpu',
    unit: '%',
    value: ({ metrics }) => metrics?.cpuPercent ?? null,
    from: () => ({ warning: 85, critical: 95 }),
  },
  {
    name: 'memory',
    unit: '%',
    value: ({ metrics }) => metrics && percentOf(metrics.memoryUsedBytes, metrics.memoryTotalBytes),
    from: () => ({ warning: 85, critical: 95 }),
  },
  {
    name: 'disk',
    unit: '%',
    value: ({ metrics }) => metrics && percentOf(metrics.diskUsedBytes, metrics.diskTotalBytes),
    from: () => ({ warning: 80, critical: 95 }),
  },
  {
    name: 'silence',
    unit: 'ms',
    value: ({ silentMs }) => silentMs,
    from: (_node, timing) => ({ warning: timing.suspectAfterMs, critical: timing.offlineAfterMs }),
  },
  {
    name: 'latency',
    unit: 'ms',
    value: ({ latencyMs }) => latencyMs,
    from: () => ({ warning: 100, critical: 500 }),
  },
  {
    name: 'queue',
    unit: 'directives',
    value: ({ metrics }) => metrics?.queuedDirectives ?? null,
    from: ({ record }) => ({ warning: 4 * record.capacity, critical: 16 * record.capacity }),
  },
];

export function checkHealth(node: NodeEntry, figures: HealthFigures, timing: LivenessTiming): NodeHealth {
  const status = nodeStatus(node.liveness, node.eligibility);
  const checks = thresholds.map(({ name, unit, value, from }): HealthCheck => {
    const seen = value(figures);
    const limits = from(node, timing);
    return { name, unit, value: seen, ...limits, grade: gradeOf(seen, limits) };
  });
  return { nodeId: node.id, name: node.record.name, status, grade: worst(status, figures, checks), checks };
}

function gradeOf(value: number | null, { warning, critical }: { warning: number; critical: number }): HealthGrade {
  if (value === null) return 'unknown';
  if (value >= critical) return 'critical';
  return value >= warning ? 'warning' : 'ok';
}

/** A figure that is not known hides no trouble that is. Without metrics nobody can say that a node is well. */
function worst(status: NodeStatus, { metrics }: HealthFigures, checks: readonly HealthCheck[]): HealthGrade {
  const has = (grade: HealthGrade) => checks.some((check) => check.grade === grade);
  if (status === 'offline' || has('critical')) return 'critical';
  if (status === 'suspect' || has('warning')) return 'warning';
  return metrics === null ? 'unknown' : 'ok';
}
