/**
 * How the client reaches the network. An implementation follows no redirect and no proxy variable, and it rejects with
 * A2AClientError `UNREACHABLE` (no connection: nothing was accepted), with `BROKEN` (it died later; so does iterating
 * the body), or with the signal's reason once that aborts.
 */
export interface HttpPort {
  request(request: HttpRequest): Promise<HttpReply>;
}

/** One request, as it is to be sent. An abort of the signal ends it and the reading of its reply. */
export interface HttpRequest {
  method: 'GET' | 'POST';
  url: string;
  headers: Record<string, string>;
  body?: Uint8Array;
  readonly signal: AbortSignal;
  /**
   * Tells the listener of the same abort, once. For implementations that would only listen: where the signal is made when
   * it is read, as the client's is, a call without one costs a tenth less.
   */
  onAbort?(listener: (reason: unknown) => void): void;
}

/** A reply whose headers have come; its body is read as it comes. */
export interface HttpReply {
  readonly status: number;
  readonly headers: Headers;
  /** Leaving it early (`return`) gives the connection up. */
  readonly body: AsyncIterable<Uint8Array>;
  /**
   * The whole body at once, instead of reading `body`; `undefined`, and the connection given up, where it is larger.
   * Implementations that have no faster way leave it out.
   */
  bytes?(maxBytes: number): Promise<Uint8Array | undefined>;
}
