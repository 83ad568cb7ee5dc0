import { createTurnEnd } from '@skein/contracts/runtime';
import { Agent } from 'undici';
import { A2AClientError } from '../errors.ts';
import type { HttpPort } from './http-port.ts';
import { Exchange } from './undici-exchange.ts';

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
  const targetOf = createTargets();
  const together = createTurnEnd();
  let closing: Promise<void> | undefined;
  return {
    request: (request) =>
      new Promise((resolve, reject) => {
        const exchange = new Exchange(resolve, reject, together);
        try {
          if (request.onAbort) request.onAbort((reason) => exchange.abort(reason));
          else exchange.follow(request.signal);
          if (exchange.over) return;
          const { method, headers, body = null } = request;
          agent.dispatch({ ...targetOf(request.url), method, headers, body }, exchange);
        } catch (cause) {
          exchange.fail(cause);
        }
      }),
    close() {
      closing ??= agent.destroy();
      return closing;
    },
  };
}

/** URLs as undici takes them. A client asks for the same one again and again. */
function createTargets(): (url: string) => { origin: string; path: string } {
  let last = { url: '', origin: '', path: '' };
  return (url) => {
    if (url === last.url) return last;
    const { protocol, origin, pathname, search } = new URL(url);
    if (!/^https?:$/.test(protocol)) {
      throw new A2AClientError('UNREACHABLE', `Only http and https URLs can be asked, not ${protocol}`);
    }
    last = { url, origin, path: `${pathname}${search}` };
    return last;
  };
}
