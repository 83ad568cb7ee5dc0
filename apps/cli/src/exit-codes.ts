/** How the command line ends. Scripts rely on these: they never change their meaning. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  notFound: 4,
  refused: 5,
  inUse: 6,
  timedOut: 124,
  interrupted: 130,
} as const;

export const exitCodesHelp = `
Exit codes:
  0    done               3    the node does not answer    6    folder or port in use
  1    failed             4    not found                   124  timed out
  2    wrong usage        5    refused or unauthorized     130  interrupted
  'dispatch' of a program ends with the program's own exit code.`;

/** A way to end that was foreseen: one line for people, a reason for programs, a code for scripts. */
export class CliError extends Error {
  readonly exitCode: number;
  readonly reason: string;

  constructor(exitCode: number, reason: string, message: string, options: { cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CliError';
    this.exitCode = exitCode;
    this.reason = reason;
  }
}

/** What an HTTP status of the node means here. */
export function exitCodeForStatus(status: number): number {
  if (status === 401 || status === 403) return exitCodes.refused;
  if (status === 404) return exitCodes.notFound;
  if (status === 400 || status === 413) return exitCodes.usage;
  if (status === 503) return exitCodes.unreachable;
  return exitCodes.failed;
}
