import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { rootCertificates } from 'node:tls';
import { buildConnector } from 'undici';
import { A2AClientError } from '../errors.ts';
import { orAborted } from './deadline.ts';
import type { HttpPort } from './http-port.ts';
import { send } from './post.ts';
import { canonicalAddress } from './public-address.ts';
import { type AllowedTarget, createTargetRules, hostOf, type TargetRules } from './target-rules.ts';
import { createHttpOver } from './undici-http.ts';

/** For URLs that strangers name: HTTP that reaches public addresses, and what the operator allows, and nothing else. */
export interface GuardedHttp extends HttpPort, AsyncDisposable {
  /** Why this URL can never be asked, in words for whoever named it; undefined where a request may try. */
  refusalOf(url: string): string | undefined;
  close(): Promise<void>;
}

interface GuardedHttpOptions {
  /** What may be reached beyond https on public addresses. @default nothing */
  allow?: readonly AllowedTarget[];
  /** All addresses of a host name. @default as the machine resolves names */
  resolve?: (hostname: string) => Promise<readonly string[]>;
  /** Time to connect to one address, in milliseconds. @default 3_000 */
  connectTimeoutMs?: number;
  /** Connections to one origin. @default 8 */
  connections?: number;
  /** Certificates to trust beside the well-known ones, as PEM. */
  ca?: string | string[];
  /** Opens a socket to a vetted address. @default undici's connector */
  dial?: buildConnector.connector;
}

/** Addresses of one name that are tried in turn. */
const MAX_ADDRESSES = 3;
const REFUSED =
  'The URL has to be https on port 443 or from 1024 up, without user name and password, and lead to a public address, or be one that the operator of this agent allows';

/**
 * A name is resolved once for each connection, every address that it has is vetted, and the socket goes to a vetted
 * address: a name that answers differently a moment later leads nowhere else. Literal addresses, which no resolver ever
 * sees, are vetted alike. Refused and unreachable look the same from outside, so that nobody can scan with it. No
 * redirect is followed and no proxy variable read.
 */
export function createGuardedHttp(options: GuardedHttpOptions = {}): GuardedHttp {
  const { allow, resolve = resolveAll, connectTimeoutMs = 3_000, connections = 8, ca } = options;
  // Named certificates would stand in place of the machine's.
  const trust = ca === undefined ? {} : { ca: [...rootCertificates, ...[ca].flat()] };
  const { dial = buildConnector({ timeout: connectTimeoutMs, allowH2: false, ...trust }) } = options;
  const rules = createTargetRules(allow);
  const closing = new AbortController();
  const http = createHttpOver({
    connections,
    keepAliveTimeoutMs: 4_000,
    connect: (target, callback) => {
      const connecting = connect(target, { rules, resolve, dial });
      // A resolver that hangs must not hold up the end; a socket that comes after it is nobody's.
      connecting.then((socket) => closing.signal.aborted && socket.destroy()).catch(() => {});
      orAborted(connecting, closing.signal).then(
        (socket) => callback(null, socket),
        (cause: unknown) => callback(unreachable(cause), null),
      );
    },
  });
  const close = () => {
    closing.abort(new Error('The client closes'));
    return http.close();
  };
  return {
    refusalOf: (url) => (rules.readUrl(url) ? undefined : REFUSED),
    async request(request) {
      const url = rules.readUrl(request.url);
      if (!url) throw unreachable(new Error('The URL is not allowed'));
      // undici hears of an abort only once it is connected.
      return send(http, { ...request, url: url.href });
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

interface ConnectDeps {
  rules: TargetRules;
  resolve: (hostname: string) => Promise<readonly string[]>;
  dial: buildConnector.connector;
}

async function connect(target: buildConnector.Options, { rules, resolve, dial }: ConnectDeps): Promise<DialledSocket> {
  const { protocol, port, hostname: asked } = target;
  const url = new URL(`${protocol}//${isIP(asked) === 6 ? `[${asked}]` : asked}:${port || ''}`);
  const host = hostOf(url);
  const addresses = isIP(host) ? [host] : await resolve(host);
  if (addresses.length === 0 || !addresses.every((address) => rules.admits(url, address))) {
    throw new Error('The host has an address that is not allowed');
  }
  // The certificate is checked for the name that was asked for, wherever that leads.
  const servername = isIP(host) ? '' : host;
  let failure: unknown;
  for (const address of addresses.slice(0, MAX_ADDRESSES)) {
    try {
      const socket = await dialled(dial, { ...target, hostname: address, servername });
      assertPinned(socket, address);
      return socket;
    } catch (cause) {
      failure = cause;
    }
  }
  throw failure;
}

type DialledSocket = NonNullable<Parameters<buildConnector.Callback>[1]>;

function dialled(dial: buildConnector.connector, target: buildConnector.Options): Promise<DialledSocket> {
  return new Promise((resolve, reject) => {
    dial(target, (error, socket) => (error ? reject(error) : resolve(socket as DialledSocket))); // one or the other
  });
}

/** Whoever opened the socket may have had its own idea of where to. */
function assertPinned(socket: DialledSocket, address: string): void {
  const reached = canonicalAddress(socket.remoteAddress ?? '');
  if (reached !== undefined && reached === canonicalAddress(address)) return;
  socket.destroy();
  throw new Error('The socket leads to another address than the one that was vetted');
}

/** The same words whatever was wrong; the cause is for the operator. */
function unreachable(cause: unknown): A2AClientError {
  return new A2AClientError('UNREACHABLE', 'The host cannot be reached', { cause });
}

async function resolveAll(hostname: string): Promise<readonly string[]> {
  const found = await lookup(hostname, { all: true, order: 'verbatim' });
  return found.map(({ address }) => address);
}
