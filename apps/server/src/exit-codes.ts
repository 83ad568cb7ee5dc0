/** How a node's process ends. Scripts and supervisors rely on these: they never change their meaning. */
import { DatabaseError } from '@skein/drizzle';
import { ListenError } from './listener.ts';

export const exitCodes = { stopped: 0, failed: 1, wrongConfig: 2, inUse: 6 } as const;

export function exitCodeFor(cause: unknown): number {
  if (cause instanceof ListenError && cause.code === 'PORT_IN_USE') return exitCodes.inUse;
  if (cause instanceof DatabaseError && (cause.code === 'FOLDER_IN_USE' || cause.code === 'OWNERSHIP_HELD'))
    return exitCodes.inUse;
  return exitCodes.failed;
}
