import type { ProcessTable } from './process-table.ts';
import { sendSignal } from './signals.ts';

/**
 * For systems without /proc (macOS, the BSDs): nothing can be listed, measured or recognised, so a run reaches as far as
 * its process group does, and a child that calls `setsid` gets away.
 */
export function createGroupProcessTable(): ProcessTable {
  return {
    sight: 'groups',
    pids: () => [],
    stat: () => undefined,
    memory: () => undefined,
    marker: () => undefined,
    sockets: () => [],
    reapedCpuMs: () => 0,
    signal: sendSignal,
  };
}
