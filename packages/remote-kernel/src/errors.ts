/** What can go wrong here that is nobody's expected outcome. The meaning of each code stands in `REASONS`. */
const REASONS = {
  HOST_ID_INVALID: 'a host id marks processes, so it is made of letters, digits, dot, dash and underscore only',
  HOST_STOPPED: 'a stopped host starts no program',
  RUN_EXISTS: 'a run id names one running program at a time',
  TREE_SURVIVED: 'processes are left that could not be killed',
} as const;

/** What each means stands in the message. */
export type KernelErrorCode = keyof typeof REASONS;

/** Every error that this package throws on purpose. Look at `code`. */
export class KernelError extends Error {
  readonly code: KernelErrorCode;

  constructor(code: KernelErrorCode, detail: string, options?: ErrorOptions) {
    super(`${REASONS[code]}: ${detail}`, options);
    this.name = 'KernelError';
    this.code = code;
  }
}
