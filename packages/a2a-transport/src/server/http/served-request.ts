import type { BodyRead } from '../request-body.ts';

/**
 * A request as the server reads it, whoever serves it. It is read where it lies: on Node, to make a web request of it costs
 * more than to answer it.
 */
export interface ServedRequest {
  /** Path and query as they were sent, or the whole URL. */
  readonly target: string;
  /** Which of several agents its path names. */
  readonly tenant: string | undefined;
  /** A header by its name in lower case. */
  header(name: string): string | undefined;
  /** All of it for whoever looks for credentials: made when asked for. */
  credentials(): { headers: Headers; url: string };
  /** The whole body, or nothing of it once it proves too large. Rejects where the client goes away in the middle of it. */
  readBody(maxBytes: number): Promise<BodyRead>;
  /** Whether the client has gone away. */
  readonly left: boolean;
  /** Told once when the client goes away, as long as nothing has ended the listening. */
  onLeave(act: () => void): () => void;
}
