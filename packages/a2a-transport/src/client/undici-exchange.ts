import type { TurnEnd } from '@skein/contracts/runtime';
import { connectionError } from './connection-error.ts';
import type { HttpReply } from './http-port.ts';
import { type BodySource, ReplyBody } from './reply-body.ts';

type IncomingHttpHeaders = Record<string, string | string[] | undefined>;

/** One request at undici, from its dispatch to the last byte of its reply. Replies that come in one turn are told together. */
export class Exchange {
  readonly #resolve: (reply: HttpReply) => void;
  readonly #reject: (cause: unknown) => void;
  readonly #together: TurnEnd;
  #controller: BodySource | undefined;
  #aborted: { reason: unknown } | undefined;
  #body: ReplyBody | undefined;
  #unfollow: (() => void) | undefined;
  /** Whether nothing more will come of it. */
  over = false;

  constructor(resolve: (reply: HttpReply) => void, reject: (cause: unknown) => void, together: TurnEnd) {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#together = together;
  }

  follow(signal: AbortSignal): void {
    const onAbort = () => this.abort(signal.reason);
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    this.#unfollow = () => signal.removeEventListener('abort', onAbort);
  }

  /** The caller hears its own reason at once; undici may hear of it only when it has connected. */
  abort(reason: unknown): void {
    if (this.over) return;
    this.#aborted = { reason };
    this.#controller?.abort(asError(reason));
    this.fail(reason);
  }

  fail(cause: unknown): void {
    if (this.over) return;
    this.#end();
    const failure = this.#aborted ? this.#aborted.reason : connectionError(cause);
    this.#body?.fail(failure);
    this.#reject(failure); // where nobody has the reply yet
  }

  onRequestStart(controller: BodySource): void {
    this.#controller = controller;
    if (this.#aborted) controller.abort(asError(this.#aborted.reason));
  }

  onResponseStart(controller: BodySource, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    this.#body = new ReplyBody({
      pause: () => controller.pause(),
      resume: () => controller.resume(),
      abort: (reason) => {
        this.#end();
        controller.abort(reason);
      },
    });
    const reply = new UndiciReply(status, headers, this.#body);
    this.#together(() => this.#resolve(reply));
  }

  onResponseData(_controller: BodySource, chunk: Buffer): void {
    this.#body?.push(chunk);
  }

  onResponseEnd(): void {
    this.#end();
    this.#together(() => this.#body?.end());
  }

  onResponseError(_controller: BodySource, cause: Error): void {
    this.fail(cause);
  }

  #end(): void {
    this.over = true;
    this.#unfollow?.();
  }
}

/** Its headers are put together when somebody reads them, which few replies are asked for. */
class UndiciReply implements HttpReply {
  readonly status: number;
  readonly body: ReplyBody;
  readonly #raw: IncomingHttpHeaders;
  #headers: Headers | undefined;

  constructor(status: number, raw: IncomingHttpHeaders, body: ReplyBody) {
    this.status = status;
    this.body = body;
    this.#raw = raw;
  }

  get headers(): Headers {
    this.#headers ??= toHeaders(this.#raw);
    return this.#headers;
  }

  bytes(maxBytes: number): Promise<Uint8Array | undefined> {
    return this.body.bytes(maxBytes);
  }
}

function toHeaders(raw: IncomingHttpHeaders): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(raw)) {
    for (const one of value === undefined ? [] : [value].flat()) headers.append(name, one);
  }
  return headers;
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('The request was aborted', { cause: reason });
}
