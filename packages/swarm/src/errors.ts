/** What can go wrong when a program uses a node. The code is for programs, the message says what to do. */
export type SwarmErrorCode =
  | 'INVALID_ARGUMENT'
  | 'UNKNOWN_NODE'
  | 'DIRECTIVE_NOT_FOUND'
  | 'DIRECTIVE_CONFLICT'
  | 'JOIN_REFUSED'
  | 'PEER_UNREACHABLE'
  | 'PEER_NOT_TRUSTED'
  | 'INVALID_TOKEN'
  | 'INVALID_SIGNATURE'
  | 'ILLEGAL_TRANSITION'
  | 'STORE_UNAVAILABLE'
  | 'NODE_STOPPED'
  | 'NODE_SEALED'
  | 'NO_MATCHING_NODE'
  | 'AGENT_NOT_FOUND'
  | 'AGENT_ENDED'
  | 'AGENTS_RUNNING'
  | 'FORBIDDEN'
  | 'UNKNOWN_NAMESPACE'
  | 'STATE_REFUSED'
  | 'SYNC_FAILED'
  | 'MAILBOX_FULL';

/** Every error that a node throws on purpose. Look at `code`; the message is for people. */
export class SwarmError extends Error {
  readonly code: SwarmErrorCode;
  /** Machine-readable details: names and ids that the message mentions. */
  readonly metadata: Readonly<Record<string, string>>;

  constructor(
    code: SwarmErrorCode,
    message: string,
    options: { cause?: unknown; metadata?: Readonly<Record<string, string>> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'SwarmError';
    this.code = code;
    this.metadata = options.metadata ?? {};
  }
}
