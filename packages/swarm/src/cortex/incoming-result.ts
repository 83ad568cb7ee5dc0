/** How a directive of CortexPrism ended here, in its words. */
import { type CortexOutcome, noCortexMetrics } from '@skein/a2a-transport';
import {
  type DirectiveMetrics,
  type DirectiveResult,
  type FinalStatus,
  isAgentEnd,
  type Order,
  ProgramOutput,
  QueryResourcesOutput,
  SpawnAgentOutput,
  SyncStateOutput,
} from '@skein/contracts';

const MICRO = 1_000_000;
const MIB = 1_048_576;

/** CortexPrism knows four ends; a text says which of the others it was. */
const statuses = {
  completed: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
  timed_out: 'timed_out',
  rejected: 'failed',
  interrupted: 'failed',
  unknown: 'failed',
} as const satisfies Record<FinalStatus, CortexOutcome['status']>;

/** A tombstone has no order: its cancellation came first. */
export function toCortexOutcome(order: Order | null, result: DirectiveResult): CortexOutcome {
  const output = result.output === undefined || !order ? undefined : outputText(order, result.output);
  const error = errorText(result);
  return {
    status: statuses[result.status],
    ...(output !== undefined && { output }),
    ...(error !== undefined && { error }),
    metrics: toCortexMetrics(result.metrics),
  };
}

function toCortexMetrics({ tokensIn, tokensOut, costMicroUsd, durationMs, toolCalls }: DirectiveMetrics) {
  return { ...noCortexMetrics, tokensIn, tokensOut, costUsd: costMicroUsd / MICRO, durationMs, toolCalls };
}

function errorText({ status, output, error }: DirectiveResult): string | undefined {
  if (status === 'completed') return undefined;
  const program = ProgramOutput.safeParse(output);
  if (status === 'failed' && program.success && program.data.exitCode !== null && program.data.exitCode !== 0)
    return `Exit code ${program.data.exitCode}`;
  const words = { rejected: 'denied: ', interrupted: 'interrupted: ', timed_out: 'timed out: ' } as const;
  const word = status in words ? words[status as keyof typeof words] : ''; // looked up where it is one of them
  return `${word}${error?.message ?? status}`;
}

/** Whatever a handler of the node's own program answered is told as it is. */
function outputText(order: Order, output: Exclude<DirectiveResult['output'], undefined>): string {
  const told = typeof output === 'string' ? output : JSON.stringify(output);
  switch (order.kind) {
    case 'execute_task': {
      const program = ProgramOutput.safeParse(output).data;
      return program ? `${program.stdout}${program.stderr && `\nSTDERR:\n${program.stderr}`}` : told;
    }
    case 'spawn_agent': {
      const agent = SpawnAgentOutput.safeParse(output).data;
      return agent?.mode === 'wait' ? JSON.stringify({ response: agent.response }) : told;
    }
    case 'query_resources': {
      const resources = QueryResourcesOutput.safeParse(output).data;
      return resources ? JSON.stringify(toCortexResources(resources)) : told;
    }
    case 'forward_message': {
      const session = 'session' in order.payload.to ? order.payload.to.session : order.payload.to.agent;
      const length = order.payload.message.parts.reduce((sum, { text = '' }) => sum + text.length, 0);
      return JSON.stringify({ forwarded: true, targetSessionId: session, length });
    }
    case 'sync_state': {
      const sync = SyncStateOutput.safeParse(output).data;
      return sync ? JSON.stringify({ synced: true, merged: sync.merged, refused: sync.refused }) : told;
    }
    default:
      return order satisfies never;
  }
}

function toCortexResources({ nodeId, metrics, processes, agents }: QueryResourcesOutput) {
  const running = agents.filter(({ state }) => !isAgentEnd(state));
  return {
    ...{ nodeId, agentCount: running.length, processCount: processes.length },
    tokens: { in: metrics.tokensIn, out: metrics.tokensOut, cost: metrics.costMicroUsd / MICRO },
    ...{ toolCalls: metrics.toolCalls, cpuMs: metrics.cpuMs },
    peakMemoryMb: metrics.peakMemoryBytes / MIB,
    systemMemory: { totalMb: metrics.memoryTotalBytes / MIB, usedMb: metrics.memoryUsedBytes / MIB },
    uptimeSeconds: metrics.uptimeMs / 1_000,
  };
}
