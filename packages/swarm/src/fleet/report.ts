/** The report: what the work of a day used, node by node, by the hours of each node's own clock. */
import {
  type GetActivityReply,
  type NodeId,
  type NodeUsage,
  nodeStatus,
  noUsage,
  type ResourceReport,
  sumUsage,
  type Usage,
} from '@skein/contracts';
import type { NodeEntry } from '../membership/node-store.ts';
import { HOUR_MS, type NodeHours } from '../resources/usage-ledger.ts';

const REPORTED_HOURS = 24;

/** The present hour and the 23 before it: where a report begins. */
export function reportSince(nowMs: number): number {
  return Math.floor(nowMs / HOUR_MS) * HOUR_MS - (REPORTED_HOURS - 1) * HOUR_MS;
}

export interface ReportInput {
  /** Those of the registry, and those taken out of it whose work falls into the day. */
  nodes: readonly NodeEntry[];
  hours: readonly NodeHours[];
  answers: ReadonlyMap<NodeId, GetActivityReply | undefined>;
  sinceMs: number;
  untilMs: number;
}

export function buildReport({ nodes, hours, answers, sinceMs, untilMs }: ReportInput): ResourceReport {
  const used = usageByNode(hours);
  const rows = nodes.map((node): NodeUsage => {
    const answer = answers.get(node.id);
    return {
      nodeId: node.id,
      name: node.record.name,
      status: node.removed ? 'offline' : nodeStatus(node.liveness, node.eligibility),
      usage: used.get(node.id) ?? noUsage,
      answered: answer !== undefined,
      metrics: answer?.metrics ?? node.metrics,
    };
  });
  const members = nodes.filter(({ removed }) => !removed);
  return {
    since: new Date(sinceMs).toISOString(),
    until: new Date(untilMs).toISOString(),
    totalNodes: members.length,
    onlineNodes: members.filter(({ liveness }) => liveness === 'online').length,
    totals: rows.map(({ usage }) => usage).reduce(sumUsage, noUsage),
    nodes: rows,
  };
}

/** All hours of each node together. */
export function usageByNode(hours: readonly NodeHours[]): Map<NodeId, Usage> {
  return new Map(hours.map(({ nodeId, hours }) => [nodeId, hours.map(({ usage }) => usage).reduce(sumUsage, noUsage)]));
}
