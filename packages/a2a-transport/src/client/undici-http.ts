import { Agent, request } from 'undici';
import { A2AClientError } from '../errors.ts';
import type { HttpPort } from './http-port.ts';

interface UndiciHttpOptions {
  /** Connections to one origin; further requests wait. @default unlimited */
  connections?: number;
  /** Time to connect, in milliseconds. @default 10_000 */
  connectTimeoutMs?: number;
  /** How long an idle connection is kept, in milliseconds. @default 4_000, below the 5 s after which Node's servers hang up */
  keepAliveTimeoutMs?: number;
  /** TLS options, such as `ca`, `cert` and `key`. */
  tls?: {
    ca?: string | Buffer | (string | Buffer)[];
    cert?: string | Buffer;
    key?: string | Buffer;
    servername?: string;
  };
}

/** HTTP/1.1 with kept-alive connections of its own. Time limits on answers are the caller's, by its signal. */
export function createUndiciHttp(options: UndiciHttpOptions = {}): HttpPort & { close(): Promise<void> } {
  const { connections, connectTimeoutMs = 10_000, keepAliveTimeoutMs = 4_000, tls } = options;
  return createHttpOver({ connections, keepAliveTimeoutMs, connect: { timeout: connectTimeoutMs, ...tls } });
}

interface HttpOverOptions {
  connections: number | undefined;
  keepAliveTimeoutMs: number;
  /** How sockets are opened: by undici with these options, or by a function. */
  connect: NonNullable<Agent.Options['connect']>;
}

/** The port over sockets that are opened as the caller says. */
export function createHttpOver(options: HttpOverOptions): HttpPort & { close(): Promise<void> } {
  const { connections, keepAliveTimeoutMs, connect } = options;
  const agent = new Agent({
    ...(connections !== undefined && { connections }),
    connect,
    keepAliveTimeout: keepAliveTimeoutMs,
    headersTimeout: 0,
    bodyTimeout: 0, // a stream may be silent for long; undici would end it after 300 s
    allowH2: false,
  });
  let closing: Promise<void> | undefined;
  return {
    async request({ method, url, headers, body, signal }) {
      try {
        const reply = await request(url, { dispatcher: agent, method, headers, signal, ...(body && { body }) });
        return { status: reply.statusCode, headers: toHeaders(reply.headers), body: readBody(reply.body, signal) };
      } catch (cause) {
        throw signal.aborted ? signal.reason : connectionError(cause);
      }
    },
    close() {
      closing ??= agent.destroy();
      return closing;
    },
  };
}

async function* readBody(body: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (cause) {
    throw signal.aborted ? signal.reason : connectionError(cause);
  }
}

function toHeaders(raw: Record<string, string | string[] | undefined>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(raw)) {
    for (const one of value === undefined ? [] : [value].flat()) headers.append(name, one);
  }
  return headers;
}

/** Failures of resolving, connecting and shaking hands: none of them lets a byte of the request through. */
const beforeSending =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|ERR_INVALID_URL|UND_ERR_CONNECT_TIMEOUT|UND_ERR_INVALID_ARG|ERR_TLS_.*|ERR_SSL_.*|CERT_.*|DEPTH_ZERO_.*|SELF_SIGNED_.*|UNABLE_TO_.*)$/;

/** What an error of undici, or of Node beneath it, means for the caller. */
export function connectionError(cause: unknown): A2AClientError {
  if (cause instanceof A2AClientError) return cause; // whoever opened the socket has said it already
  const { code, syscall, message } = read(cause);
  const unsent = syscall === 'connect' || syscall === 'getaddrinfo' || beforeSending.test(code);
  return unsent
    ? new A2AClientError('UNREACHABLE', `The peer cannot be reached: ${code || message}`, { cause })
    : new A2AClientError('BROKEN', `The connection broke: ${code || message}`, { cause });
}

function read(cause: unknown): { code: string; syscall: string; message: string } {
  // Several addresses failed: they failed alike.
  if (cause instanceof AggregateError && cause.errors.length > 0) return read(cause.errors[0]);
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  const error: { code?: unknown; syscall?: unknown; message?: unknown } = cause instanceof Error ? cause : {};
  return { code: text(error.code), syscall: text(error.syscall), message: text(error.message) };
}
