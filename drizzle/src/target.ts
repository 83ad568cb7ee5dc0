import postgres from 'postgres';

/** Where a database is: an address of the operator's, or the socket of the server that this node runs by itself. */
export type DatabaseTarget = { readonly url: string } | SocketTarget;

/** A server on a unix socket, as `startEmbeddedPostgres` makes it. */
export interface SocketTarget {
  /** The folder that holds the socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
}

export type Sql = postgres.Sql;

interface ClientOptions {
  maxConnections: number;
  applicationName: string;
  connectTimeoutMs: number;
  /**
   * How long the server gives a statement, waits for locks included, and a transaction between two. A node that stands
   * still must not hold what others wait for. @default no limit
   */
  statementTimeoutMs?: number;
  /** Called for each connection that closes, whoever closed it. */
  onClose?: () => void;
  onNotice?: (notice: postgres.Notice) => void;
  /** Off for a connection whose session is the point: it must never be renewed behind our back. @default true */
  renewConnections?: boolean;
}

/** Kept short: postgres.js waits up to 20 s by default, and work has to go on within 5 s of the server's return. */
function reconnectDelaySeconds(failures: number): number {
  return Math.min(0.5, 0.01 * 2 ** failures);
}

/** The one place that makes a postgres.js client. Nothing connects before the first query. */
export function openClient(target: DatabaseTarget, options: ClientOptions): Sql {
  const { maxConnections, applicationName, connectTimeoutMs, onClose, onNotice, renewConnections = true } = options;
  const { statementTimeoutMs } = options;
  const common = {
    max: maxConnections,
    connect_timeout: connectTimeoutMs / 1_000,
    connection: {
      application_name: applicationName,
      ...(statementTimeoutMs !== undefined && {
        statement_timeout: statementTimeoutMs,
        idle_in_transaction_session_timeout: statementTimeoutMs,
      }),
    },
    onnotice: onNotice ?? (() => {}), // by default postgres.js prints notices
    ...(onClose ? { onclose: onClose } : {}),
    ...(renewConnections
      ? { backoff: reconnectDelaySeconds }
      : { idle_timeout: 0, max_lifetime: null, backoff: false, fetch_types: false }),
  };
  return 'url' in target ? postgres(target.url, common) : postgres({ ...target, ...common });
}

/** Names a target in a message or a log line, without its password. */
export function describeTarget(target: DatabaseTarget): string {
  if (!('url' in target)) return `the embedded server in ${target.host}`;
  try {
    const { username, host, pathname } = new URL(target.url);
    return `${username ? `${decodeURIComponent(username)}@` : ''}${host}${pathname}`;
  } catch {
    return 'an address that is not a URL'; // several hosts in one address end here too, and must not print a password
  }
}
