import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { streamSink, takenOverSink } from '../event-sink.ts';
import { type BodyRead, readBody } from '../request-body.ts';
import { type Answer, isStreamed } from './answer.ts';
import { onOver } from './on-over.ts';
import type { ServedRequest } from './served-request.ts';

/** Answers a request that came through a Hono app, with whatever middleware made of it. */
export async function answerByHono(
  c: Context,
  answer: (request: ServedRequest) => Answer | Promise<Answer>,
): Promise<Response> {
  return toResponse(c, await answer(new HonoRequest(c)));
}

class HonoRequest implements ServedRequest {
  readonly #given: Context['req'];
  readonly #request: Request;
  readonly tenant: string | undefined;

  constructor({ req }: Context) {
    this.#given = req;
    this.#request = req.raw;
    this.tenant = req.param('tenant') || undefined;
  }

  get target(): string {
    return this.#request.url;
  }

  get left(): boolean {
    return this.#request.signal.aborted;
  }

  header(name: string): string | undefined {
    return this.#request.headers.get(name) ?? undefined;
  }

  credentials(): { headers: Headers; url: string } {
    const { headers, url } = this.#request;
    return { headers, url };
  }

  async readBody(maxBytes: number): Promise<BodyRead> {
    if (!this.#request.bodyUsed) return readBody(this.#request, maxBytes);
    // Middleware has read it, and Hono has kept what it read.
    const bytes = new Uint8Array(await this.#given.arrayBuffer());
    return bytes.byteLength <= maxBytes ? { status: 'read', bytes } : { status: 'too_large' };
  }

  onLeave(act: () => void): () => void {
    const { signal } = this.#request;
    if (signal.aborted) act();
    else signal.addEventListener('abort', act, { once: true });
    return () => signal.removeEventListener('abort', act);
  }
}

/** What Hono's Node server is told of an answer that is on its way. */
const alreadySent = { 'x-hono-already-sent': 'true' };

function toResponse(c: Context, answer: Answer): Response {
  // No way round Hono's context for a plain answer: that would be a quarter of its cost.
  if (!isStreamed(answer)) return new Response(answer.body, { status: answer.status, headers: answer.headers });
  if (c.req.raw.method === 'HEAD') {
    answer.giveUp(); // its head is all of it
    return new Response(null, { headers: answer.headers });
  }
  const onGone = () => answer.onGone();
  // Whoever serves the app hands its bindings in as the environment; in a test there may be none.
  const { incoming, outgoing } = (c.env ?? {}) as Partial<HttpBindings>;
  if (!incoming || !outgoing || !('setHeader' in outgoing)) {
    const { sink, stream } = streamSink(onGone);
    answer.writeTo(sink);
    return new Response(stream, { headers: answer.headers });
  }
  if (outgoing.headersSent) {
    answer.giveUp(); // somebody around us has lost patience and answered
    return new Response(null, { headers: alreadySent });
  }
  // To look at Hono's response makes one: only where middleware ran before there is anything to see.
  const set = c.req.routeIndex > 0 ? setByMiddleware(c) : {};
  answer.writeTo(takenOverSink(outgoing, { ...set, ...answer.headers }));
  onOver(incoming, outgoing, onGone);
  return new Response(null, { headers: alreadySent });
}

/** What middleware has set so far goes along; what it sets after the answer comes too late for a stream. */
function setByMiddleware(c: Context): Record<string, string> {
  const { 'content-type': _, ...headers } = Object.fromEntries(c.res.headers);
  return headers;
}
