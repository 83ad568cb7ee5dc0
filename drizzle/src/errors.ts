/** What can go wrong between a node and its database. A message says what to do; the code says what it was. */
export type DatabaseErrorCode =
  /** Another live node owns this data folder; `owner` names it. */
  | 'FOLDER_IN_USE'
  /** Another process holds this node's identity in a shared database; `owner` names it. */
  | 'OWNERSHIP_HELD'
  /** The folder cannot be reached or written by the user that the server runs as. */
  | 'FOLDER_UNUSABLE'
  /** The folder lies on a network file system, where two hosts cannot see each other's locks. */
  | 'FOLDER_ON_NETWORK'
  /** No PostgreSQL binary for this platform, or one that does not run here. */
  | 'PLATFORM_UNSUPPORTED'
  /** Running as root without the right to become the ordinary user that PostgreSQL asks for. */
  | 'ROOT_CANNOT_CHANGE_USER'
  | 'INITDB_FAILED'
  | 'START_TIMEOUT'
  | 'WRONG_MAJOR_VERSION'
  /** The server is older than the SQL that Skein speaks. */
  | 'SERVER_TOO_OLD'
  /** fsync or synchronous_commit is off, so an acknowledged row could be lost. */
  | 'FSYNC_OFF'
  | 'UNREACHABLE'
  /** The server answered and refused: wrong password, unknown role, no such database. */
  | 'ACCESS_REFUSED'
  | 'MIGRATION_FAILED'
  /** `stop()` was called while something was still under way. */
  | 'STOPPED';

interface DatabaseErrorOptions extends ErrorOptions {
  /** Who holds what was asked for, in its own words. */
  owner?: string;
}

/**
 * Every error that this package throws on purpose. Look at `code`; the message says what to do, and holds no
 * password.
 */
export class DatabaseError extends Error {
  readonly code: DatabaseErrorCode;
  readonly owner: string | undefined;

  constructor(code: DatabaseErrorCode, message: string, options: DatabaseErrorOptions = {}) {
    super(message, options);
    this.name = 'DatabaseError';
    this.code = code;
    this.owner = options.owner;
  }
}

/** The code that Node, postgres.js or PostgreSQL put on an error: `ENOENT`, `CONNECT_TIMEOUT`, `57P03`. */
export function codeOf(cause: unknown): string | undefined {
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return undefined;
  return typeof cause.code === 'string' ? cause.code : undefined;
}
