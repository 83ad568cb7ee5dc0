import type { Clock, Random } from '@skein/contracts/runtime';
import type { HttpPort } from './http-port.ts';

/** How long one call may take, and who may end it. */
export interface CallOptions {
  /** An abort rejects with this signal's reason. */
  signal?: AbortSignal;
  /** Time for the whole reply, or for a stream's first event, in milliseconds. @default the client's */
  timeoutMs?: number;
}

/** Which agent is called, and how. */
export interface A2AClientOptions {
  /** The agent's JSON-RPC endpoint, as its card names it. */
  endpoint: string;
  /** `createUndiciHttp()`, shared by any number of clients. */
  http: HttpPort;
  /** The version of A2A that is spoken there. @default '1.0' */
  version?: '1.0' | '0.3';
  /** Which of several agents behind the endpoint is meant, as the card's interface names it. @default none */
  tenant?: string;
  /** Headers that prove who calls, asked for each request with the exact bytes that it sends. */
  authorize?: (request: { body: Uint8Array; endpoint: string }) => Promise<Record<string, string>>;
  /** URIs of extensions to activate. A peer that does not echo them is refused. */
  extensions?: readonly string[];
  /** @default the system's */
  clock?: Clock;
  /** Ids of messages, and jitter. @default the system's */
  random?: Random;
  /** @default 30_000 */
  timeoutMs?: number;
  /** Longest silence within a stream in milliseconds; keep-alive comments count as life. @default 45_000 */
  idleTimeoutMs?: number;
  /**
   * How long a broken stream is tried to be taken up again, in milliseconds since it last brought anything: longer than a
   * server's restart. 0 leaves it broken. With extensions, whose events may be more than A2A knows of, only streams whose
   * events have ids. @default 60_000, with extensions 0
   */
  resumeForMs?: number;
  /** Largest reply, or event of a stream, in bytes. @default 1_048_576 */
  maxReplyBytes?: number;
}
