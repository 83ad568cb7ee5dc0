/** The kernel's process host as the port that the swarm runs programs through, and its books as the swarm's accounting. */
import type { ProcessEntry, Usage } from '@skein/contracts';
import { KernelError, type LocalKernel, type ProcessHost, type ProgramUsage } from '@skein/remote-kernel';
import type { ProgramOutcome, ProgramRunner, ResourceAccounting } from '@skein/swarm';

export function createProgramRunner({ host }: { host: Pick<ProcessHost, 'start' | 'reapOrphans'> }): ProgramRunner {
  return {
    async run({ runId, label, program, args, cwd, env, stdin }, { signal, onOutput }): Promise<ProgramOutcome> {
      const spec = { program, args, cwd, env, ...(stdin === undefined ? {} : { stdin }) };
      try {
        const run = await host.start(spec, { runId, label, signal });
        for await (const { stream, text } of run.output) onOutput(stream, text);
        const { exit, stdout, stderr, truncated, usage } = await run.done;
        return { exit, stdout, stderr, truncated, usage: toUsage(usage) };
      } catch (cause) {
        // Ended before its start, by whoever asked or because the node stops: nothing ran, which is an outcome.
        const stopped = cause instanceof KernelError && cause.code === 'HOST_STOPPED';
        if (signal.aborted || stopped) return neverStarted(stopped ? 'HOST_STOPPED' : 'ABORTED');
        throw cause;
      }
    },
    async killLeftovers() {
      await host.reapOrphans();
    },
  };
}

export function createResourceAccounting({
  accounting,
  tree,
}: Pick<LocalKernel, 'accounting' | 'tree'>): ResourceAccounting {
  return {
    totals: () => toUsage(accounting.totals()),
    runs: () =>
      accounting
        .listRuns()
        .filter(({ state }) => state === 'running')
        .map((run) => ({ runId: run.runId, usage: toUsage(run) })),
    processes: () =>
      tree.list().map(
        (entry): ProcessEntry => ({
          pid: entry.pid,
          runId: entry.runId,
          label: entry.label,
          state: entry.state,
          startedAt: new Date(entry.startedAt).toISOString(),
          cpuMs: Math.round(entry.cpuMs),
          memoryBytes: Math.round(entry.memoryBytes),
          peakMemoryBytes: Math.round(entry.peakMemoryBytes),
        }),
      ),
  };
}

/** Whole numbers: the kernel's are measured, the contract's are counted. */
function toUsage(usage: Omit<ProgramUsage, 'durationMs'>): Usage {
  return {
    tokensIn: Math.round(usage.tokensIn),
    tokensOut: Math.round(usage.tokensOut),
    costMicroUsd: Math.round(usage.costMicroUsd),
    toolCalls: Math.round(usage.toolCalls),
    cpuMs: Math.round(usage.cpuMs),
    peakMemoryBytes: Math.round(usage.peakMemoryBytes),
  };
}

const neverStarted = (reason: string): ProgramOutcome => ({
  exit: { status: 'not_started', reason },
  stdout: '',
  stderr: '',
  truncated: false,
  usage: { tokensIn: 0, tokensOut: 0, costMicroUsd: 0, toolCalls: 0, cpuMs: 0, peakMemoryBytes: 0 },
});
