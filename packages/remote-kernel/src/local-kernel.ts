import type { Clock, Logger } from '@skein/contracts/runtime';
import { type Accounting, type AccountingOptions, createAccounting } from './accounting.ts';
import { createProcessTree, type ProcessTree, type ProcessTreeOptions } from './process-tree.ts';
import { createProcessHost, type ProcessHostOptions } from './processes/process-host.ts';
import type { ProcessHost } from './processes/program.ts';

/** What one node runs on its own machine, and what that has used. */
export interface LocalKernel extends AsyncDisposable {
  host: ProcessHost;
  tree: ProcessTree;
  accounting: Accounting;
}

/** Disposing it stops the host: every run is killed. */
export function createLocalKernel(
  { hostId, clock, logger }: { hostId: string; clock: Clock; logger?: Logger },
  options: ProcessHostOptions & ProcessTreeOptions & AccountingOptions = {},
): LocalKernel {
  const tree = createProcessTree(options);
  const accounting = createAccounting(options);
  const host = createProcessHost(
    { hostId, clock, ...(logger ? { logger } : {}), processTree: tree, accounting },
    options,
  );
  return { host, tree, accounting, [Symbol.asyncDispose]: () => host.stop() };
}
