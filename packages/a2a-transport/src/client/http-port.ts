/**
 * How the client reaches the network. An implementation follows no redirect and no proxy variable, and it rejects with
 * A2AClientError `UNREACHABLE` (no connection: nothing was accepted), with `BROKEN` (it died later; so does iterating
 * the body), or with the signal's reason once that aborts.
 */
export interface HttpPort {
  request(request: HttpRequest): Promise<HttpReply>;
}

export interface HttpRequest {
  method: 'GET' | 'POST';
  url: string;
  headers: Record<string, string>;
  body?: Uint8Array;
  signal: AbortSignal;
}

export interface HttpReply {
  status: number;
  headers: Headers;
  /** Leaving it early (`return`) gives the connection up. */
  body: AsyncIterable<Uint8Array>;
}
