export {
  type Accounting,
  type AccountingOptions,
  type AccountingTotals,
  createAccounting,
  type RunAccount,
} from './accounting.ts';
export { KernelError, type KernelErrorCode } from './errors.ts';
export { createLocalKernel, type LocalKernel } from './local-kernel.ts';
export {
  createProcessTree,
  type ProcessFigures,
  type ProcessTree,
  type ProcessTreeEntry,
  type ProcessTreeNode,
  type ProcessTreeOptions,
  type ProcessTreeSnapshot,
} from './process-tree.ts';
export { createProcessHost, type ProcessHostDeps, type ProcessHostOptions } from './processes/process-host.ts';
export type {
  ProcessHost,
  ProgramExit,
  ProgramOutput,
  ProgramResult,
  ProgramRun,
  ProgramSpec,
  ProgramUsage,
  ReapedRun,
  ReportChannel,
  StartOptions,
} from './processes/program.ts';
export { keepInputOpen } from './processes/program.ts';
export type {
  EndedRemoteProcess,
  RemoteExit,
  RemoteProcess,
  RemoteProcessSpec,
  RemoteReading,
} from './remote-process.ts';
export {
  type AggregatedResources,
  createRemoteKernel,
  type KernelTopologyNode,
  type RemoteKernel,
  type RemoteTotals,
} from './remote-processes.ts';
export type { CommandAgentOutcome } from './supervision/agent-outcome.ts';
export type { CommandAgentConfig, CommandAgentRequest } from './supervision/agent-program.ts';
export {
  type CommandAgent,
  type CommandAgentDeps,
  type CommandAgentHooks,
  type CommandAgentReport,
  type CommandAgentRun,
  createCommandAgent,
} from './supervision/command-agent.ts';
export type { RestartSettings } from './supervision/restart-policy.ts';
