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
  StartOptions,
} from './processes/program.ts';
