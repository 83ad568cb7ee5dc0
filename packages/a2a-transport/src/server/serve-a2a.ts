import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, systemClock } from '@skein/contracts/runtime';
import { assertKnownOptions, type KeysOf } from '../known-options.ts';
import { assertOptions } from './assert-options.ts';
import type { AgentDescription } from './card-source.ts';
import { type A2AServer, createA2AServer } from './server.ts';
import type { A2AServerOptions } from './server-options.ts';
import { createCrossOrigin } from './serving/cross-origin.ts';
import { createDoorway } from './serving/doorway.ts';
import { createHostList } from './serving/host-list.ts';

/** Where an agent is served, and to whom it answers. */
export interface ServeOptions {
  /** 0 takes one that is free. @default 4000 */
  port?: number;
  /** The address to listen on; `0.0.0.0` or `::` for all of the machine's. @default '127.0.0.1' */
  host?: string;
  /** Names beside its addresses that requests may call it by, with or without a port. @default that of the card's url */
  hosts?: readonly string[];
  /** Origins of the web pages that may call, such as `https://app.example`. @default none */
  allowedOrigins?: readonly string[];
  /** Connections at the same time; a stream is one. @default 10_000 */
  maxConnections?: number;
  /** How long a caller may take over the head of a request, in milliseconds. @default 10_000 */
  headersTimeoutMs?: number;
  /** How long a caller may take over a whole request, in milliseconds; the answer may take longer. @default 30_000 */
  requestTimeoutMs?: number;
}

/** An agent that is listening. */
export interface ServedA2A extends AsyncDisposable {
  /** Where clients find it: the card's url, or its own address where the card has none. */
  readonly url: string;
  /** Where it listens, as this machine reaches it. */
  readonly listening: string;
  readonly server: A2AServer;
  /** Ends streams and executors, then the connections. A second call waits with the first. */
  close(): Promise<void>;
}

const servingKeys: KeysOf<ServeOptions> = {
  ...{ port: true, host: true, hosts: true, allowedOrigins: true, maxConnections: true },
  ...{ headersTimeoutMs: true, requestTimeoutMs: true },
};
/** How often Node looks for callers who dawdle, at the most; its own half minute would break the promise. */
const CHECK_MS = 1_000;
/** Answers that are on their way when the server closes get so long. */
const FAREWELL_MS = 1_000;

/**
 * Serves an agent by itself, over HTTP of its own. Behind a proxy name the public address as the card's `url`; it is
 * filled in with the server's own where it is left out. Rejects with Node's error where the address cannot be listened on.
 */
export async function serveA2A(options: A2AServerOptions, serving: ServeOptions = {}): Promise<ServedA2A> {
  assertOptions(options);
  assertKnownOptions(serving, servingKeys);
  const { port = 4_000, host = '127.0.0.1', allowedOrigins = [], maxConnections = 10_000 } = serving;
  const { headersTimeoutMs: headersTimeout = 10_000, requestTimeoutMs: requestTimeout = 30_000 } = serving;
  const { clock = systemClock } = options;
  let url = '';
  const server = createA2AServer({ ...options, card: cardAt(options.card, () => url) });
  const described = describe(options.card);
  const hosts = serving.hosts ?? (described.url === undefined ? [] : [new URL(described.url).host]);
  const doorway = createDoorway(
    { hosts: createHostList(hosts), crossOrigin: createCrossOrigin(allowedOrigins) },
    server.listener,
  );
  const connectionsCheckingInterval = Math.min(CHECK_MS, headersTimeout, requestTimeout);
  const http = createServer({ headersTimeout, requestTimeout, connectionsCheckingInterval }, doorway);
  http.maxConnections = maxConnections;
  try {
    await server.start();
    http.listen(port, host);
    await once(http, 'listening');
  } catch (cause) {
    await server.close();
    throw cause;
  }
  const listening = addressOf(http, host);
  url = described.url ?? listening;
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= closeBoth(http, server, clock);
    return closing;
  };
  return { url, listening, server, close, [Symbol.asyncDispose]: close };
}

function describe(card: A2AServerOptions['card']): AgentDescription {
  return typeof card === 'function' ? card() : card;
}

/** The card with the address filled in, the same object as long as its author's is the same. */
function cardAt(card: A2AServerOptions['card'], url: () => string): () => AgentDescription {
  let last: { described: AgentDescription; completed: AgentDescription } | undefined;
  return () => {
    const described = describe(card);
    if (last?.described !== described || last.completed.url === '') {
      last = { described, completed: { ...described, url: described.url ?? url() } };
    }
    return last.completed;
  };
}

/** Its address as this machine reaches it: who listens on all addresses is reached at loopback, too. */
function addressOf(http: Server, host: string): string {
  const { port, address, family } = http.address() as AddressInfo; // a TCP server that listens has one
  if (address === '0.0.0.0' || address === '::') return `http://127.0.0.1:${port}`;
  if (host === 'localhost') return `http://localhost:${port}`;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

async function closeBoth(http: Server, server: A2AServer, clock: Clock): Promise<void> {
  const ended = new Promise<void>((resolve) => http.close(() => resolve()));
  await server.close();
  http.closeIdleConnections();
  const inTime = new AbortController();
  const late = clock.sleep(FAREWELL_MS, inTime.signal).catch(() => {}); // all were gone before
  await Promise.race([ended, late]);
  inTime.abort();
  http.closeAllConnections();
  await ended;
}
