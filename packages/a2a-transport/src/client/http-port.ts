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
  signal: AbortSignal;
}

/** A reply whose headers have come; its body is read as it comes. */
export interface HttpReply {
  status: number;
  headers: Headers;
  /** Leaving it early (`return`) gives the connection up. */
  body: AsyncIterable<Uint8Array>;
}
