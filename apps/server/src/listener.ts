/**
 * The socket of a node. It is bound before the node is put together, because a node signs its own address; until it
 * serves, whoever knocks is told to come back. What no app should have to know about HTTP is refused here.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces, hostname as systemHostName } from 'node:os';
import { getRequestListener } from '@hono/node-server';
import type { ErrorBody } from '@skein/contracts';
import { requestRefusal } from './request-rules.ts';

export interface ListenerOptions {
  host: string;
  /** 0 means any free port. */
  port: number;
  /** Rejects with PORT_IN_USE where the port is busy, instead of taking the next free one. */
  strictPort: boolean;
  /** How long a request may take to arrive: its head, and all of it. Streams that go out are not bounded by it. */
  headersTimeoutMs?: number;
  requestTimeoutMs?: number;
  /** How many connections are open at once; one beyond them is closed unheard. @default 1_000 */
  maxConnections?: number;
}

export interface Listener {
  readonly port: number;
  /** Where others reach it, best first: origins. */
  readonly addresses: readonly string[];
  /** `env` is the server's own of the request: it knows the socket's address. */
  serve(fetch: (request: Request, env: object) => Response | Promise<Response>): void;
  /** Takes nobody new and ends what is open after `graceMs`. Twice is as good as once. */
  close(graceMs: number): Promise<void>;
}

export class ListenError extends Error {
  readonly code: 'PORT_IN_USE' | 'ADDRESS_UNUSABLE';
  constructor(code: ListenError['code'], message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'ListenError';
    this.code = code;
  }
}

const PORTS_TO_TRY = 100;

export async function openListener(options: ListenerOptions): Promise<Listener> {
  const { host, headersTimeoutMs = 10_000, requestTimeoutMs = 30_000, maxConnections = 1_000 } = options;
  let answer: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  const server = createServer({
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.min(1_000, headersTimeoutMs),
  });
  server.maxConnections = maxConnections;
  server.on('request', (request, response) => {
    const refusal = requestRefusal({ rawHeaders: request.rawHeaders, target: request.url ?? '' }, allowedHosts);
    if (refusal) refuse(response, refusal.status, refusal.error);
    else if (answer) answer(request, response);
    else refuse(response, 503, { reason: 'starting', message: 'this node is starting; ask again in a second' });
  });

  const port = await bind(server, options);
  const addresses = addressesOf(host, port);
  const allowedHosts = hostNames(host, addresses);
  let closing: Promise<void> | undefined;
  return {
    port,
    addresses,
    serve(fetch) {
      answer = getRequestListener(fetch, { overrideGlobalObjects: false });
    },
    close(graceMs) {
      closing ??= new Promise((resolve) => {
        const impatient = setTimeout(() => server.closeAllConnections(), graceMs);
        server.close(() => {
          clearTimeout(impatient);
          resolve();
        });
        server.closeIdleConnections();
      });
      return closing;
    },
  };
}

async function bind(
  server: ReturnType<typeof createServer>,
  { host, port, strictPort }: ListenerOptions,
): Promise<number> {
  const last = strictPort || port === 0 ? port : Math.min(port + PORTS_TO_TRY - 1, 65_535);
  for (let candidate = port; ; candidate += 1) {
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ host, port: candidate, exclusive: true }, () => {
          server.off('error', reject);
          resolve();
        });
      });
      // A TCP server's address is an AddressInfo; a string belongs to a pipe.
      return (server.address() as AddressInfo).port;
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
      if (code !== 'EADDRINUSE') {
        const message = `cannot listen on ${host} port ${candidate} (${code}): choose another --host or --port`;
        throw new ListenError('ADDRESS_UNUSABLE', message, cause);
      }
      if (candidate < last) continue;
      const range = last > port ? `ports ${port} to ${last} are` : `port ${port} is`;
      throw new ListenError('PORT_IN_USE', `${range} in use on ${host}: give another --port, or 0 for any`, cause);
    }
  }
}

function refuse(response: ServerResponse, status: number, error: ErrorBody['error']): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    connection: 'close',
    ...(status === 503 && { 'retry-after': '1' }),
  });
  response.end(JSON.stringify({ error } satisfies ErrorBody));
}

const inUrl = (host: string) => (host.includes(':') ? `[${host}]` : host);

/** A wildcard stands for every address of the machine that others can reach. */
function addressesOf(host: string, port: number): string[] {
  const wildcard = host === '0.0.0.0' || host === '::';
  const outward = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
    .filter(({ family }) => host === '::' || family === 'IPv4')
    .map(({ address }) => address);
  const hosts = wildcard && outward.length > 0 ? outward : [wildcard ? '127.0.0.1' : host];
  return hosts.slice(0, 8).map((name) => `http://${inUrl(name)}:${port}`);
}

/** The names under which a caller may address this node: anything else is somebody else's name for our socket. */
function hostNames(host: string, addresses: readonly string[]): ReadonlySet<string> {
  const own = addresses.map((address) => new URL(address).hostname);
  return new Set(
    ['localhost', '127.0.0.1', '[::1]', inUrl(host), systemHostName(), ...own].map((name) => name.toLowerCase()),
  );
}
