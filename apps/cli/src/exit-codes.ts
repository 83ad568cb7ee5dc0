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
  0    done               3    a node does not answer      6    folder or port in use
  1    failed             4    not found                   124  timed out
  2    wrong usage        5    refused                     130  interrupted
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

/** Reasons that say more than their status does, or that come in a stream, where there is no status. */
const codeOfReason: Readonly<Record<string, number>> = {
  invalid_argument: exitCodes.usage,
  store_unavailable: exitCodes.unreachable,
  node_stopped: exitCodes.unreachable,
  peer_unreachable: exitCodes.unreachable,
  sync_failed: exitCodes.failed,
  watcher_too_slow: exitCodes.failed,
  unknown_node: exitCodes.notFound,
  no_matching_node: exitCodes.notFound,
  directive_not_found: exitCodes.notFound,
  agent_not_found: exitCodes.notFound,
  unknown_namespace: exitCodes.notFound,
  forbidden: exitCodes.refused,
  node_sealed: exitCodes.refused,
  agent_ended: exitCodes.refused,
  mailbox_full: exitCodes.refused,
  illegal_transition: exitCodes.refused,
  directive_conflict: exitCodes.refused,
  state_refused: exitCodes.refused,
};

/** What a node's no means here: by its reason, else by its HTTP status. */
export function exitCodeForRefusal(reason: string, status: number | undefined): number {
  const byReason = Object.hasOwn(codeOfReason, reason) ? codeOfReason[reason] : undefined;
  return byReason ?? exitCodeForStatus(status);
}

function exitCodeForStatus(status: number | undefined): number {
  if (status === 400 || status === 413) return exitCodes.usage;
  if (status === 404) return exitCodes.notFound;
  if (status === 401 || status === 403 || status === 409 || status === 422) return exitCodes.refused;
  if (status === 502 || status === 503) return exitCodes.unreachable;
  return exitCodes.failed;
}
