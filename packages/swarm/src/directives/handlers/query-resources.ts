/** Answers with the node's live accounting: its metrics and what runs on it. */
import { type NodeId, type NodeMetrics, noUsage, type ProcessEntry, type QueryResourcesOutput } from '@skein/contracts';
import type { DirectiveHandler } from './handler.ts';

export interface QueryResourcesDeps {
  self: NodeId;
  readMetrics: () => Promise<NodeMetrics>;
  processes: () => readonly ProcessEntry[];
}

export function queryResources({
  self,
  readMetrics,
  processes,
}: QueryResourcesDeps): DirectiveHandler<'query_resources'> {
  return async ({ since }) => {
    const recent = (entry: ProcessEntry) =>
      since === undefined || entry.state === 'running' || Date.parse(entry.startedAt) >= Date.parse(since);
    const output: QueryResourcesOutput = {
      nodeId: self,
      metrics: await readMetrics(),
      processes: processes().filter(recent),
    };
    return { status: 'completed', output, usage: noUsage };
  };
}
