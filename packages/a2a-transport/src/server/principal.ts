/** Who calls. What a principal is made of (a token, a certificate) is the authenticator's own business. */
export interface Principal {
  readonly id: string;
  readonly kind: string;
}

/** What an authenticator makes of a request: somebody, nobody, or a refusal. */
export type Authentication =
  | { status: 'authenticated'; principal: Principal }
  /** No credentials at all: public methods are open, the rest answers 401. */
  | { status: 'anonymous' }
  /** Bad credentials: 401 always, even for what is public. */
  | { status: 'refused'; reason: string; message: string; metadata?: Record<string, string> };

/** Finds out who calls. It sees the body, because a credential may sign it. A throw answers 500: nobody passes by accident. */
export interface Authenticator {
  authenticate(request: { headers: Headers; body: Uint8Array; url: string }): Promise<Authentication>;
}

/** What a handler knows of the call that it serves. */
export interface CallContext {
  /** `undefined` when nobody proved who they are: an open server, or a public method. */
  readonly principal: Principal | undefined;
  /** URIs of the extensions that this call activated. */
  readonly extensions: ReadonlySet<string>;
  /** Aborts when the client goes away or the server closes. */
  readonly signal: AbortSignal;
  /** Which of several agents behind one server is meant, where the client says so. */
  readonly tenant?: string | undefined;
  /** What the client last heard of the stream that it wants to go on. */
  readonly lastEventId?: string | undefined;
  /** Protocol version that the client speaks. */
  readonly protocolVersion: '1.0' | '0.3';
}
