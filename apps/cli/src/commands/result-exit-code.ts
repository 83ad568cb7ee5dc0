/** How `dispatch` ends: as the program did where there was one, else by what became of the directive. */
import { type DirectiveResult, ProgramOutput } from '@skein/contracts';
import { exitCodes } from '../exit-codes.ts';

export function exitCodeOf({ status, output }: DirectiveResult): number {
  switch (status) {
    case 'completed':
    case 'failed': {
      const program = ProgramOutput.safeParse(output);
      if (program.success && program.data.exitCode !== null) return program.data.exitCode;
      return status === 'completed' ? exitCodes.ok : exitCodes.failed;
    }
    case 'timed_out':
      return exitCodes.timedOut;
    case 'rejected':
      return exitCodes.refused;
    case 'cancelled':
      return exitCodes.interrupted;
    case 'interrupted':
    case 'unknown':
      return exitCodes.failed;
    default:
      return status satisfies never;
  }
}
