import { type LinkedSignal, linkedSignal } from '@skein/contracts/runtime';
import type { HttpPort, HttpReply, HttpRequest } from '../client/http-port.ts';
import { A2AClientError } from '../errors.ts';

/** Answers a request to one origin, as a Hono app's `fetch` does. */
export type Route = (request: Request) => Promise<Response> | Response;

/** Many apps in one process, joined as one pretend network whose links a test can cut. */
export interface LinkedHttp extends HttpPort {
  /** Nothing reaches this origin any more, and what is on its way breaks. */
  cut(origin: string): void;
  heal(origin: string): void;
}

/** The map is read at each request, so routes may be added later. */
export function createLinkedHttp(routes: ReadonlyMap<string, Route>): LinkedHttp {
  const links = new Map<string, AbortController>();
  const linkTo = (origin: string) => {
    const link = links.get(origin) ?? new AbortController();
    links.set(origin, link);
    return link.signal;
  };
  return {
    async request(request) {
      request.signal.throwIfAborted();
      const { origin } = new URL(request.url);
      const route = routes.get(origin);
      const link = linkTo(origin);
      if (!route || link.aborted) throw new A2AClientError('UNREACHABLE', `The peer cannot be reached: ${origin}`);
      return exchange(request, route, link);
    },
    cut(origin) {
      linkTo(origin);
      links.get(origin)?.abort(new A2AClientError('BROKEN', `The connection broke: ${origin}`));
    },
    heal: (origin) => void links.delete(origin),
  };
}

async function exchange(
  { method, url, headers, body, signal }: HttpRequest,
  route: Route,
  link: AbortSignal,
): Promise<HttpReply> {
  const line = linkedSignal(signal, link);
  const sent = new Request(url, {
    method,
    headers: { ...headers, ...(body && { 'content-length': String(body.byteLength) }) },
    signal: line.signal,
    // A copy: what crosses a network is not shared.
    ...(body && { body: body.slice() }),
  });
  try {
    const reply = await orGone(Promise.resolve(route(sent)), line.signal);
    return { status: reply.status, headers: reply.headers, body: readBody(reply, line) };
  } catch (cause) {
    line.clear();
    throw cause;
  }
}

async function* readBody(reply: Response, line: LinkedSignal): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = reply.body?.getReader();
  try {
    while (reader) {
      const next = await orGone(reader.read(), line.signal);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    line.clear();
    await reader?.cancel().catch(() => {}); // the other side may have ended first
  }
}

function orGone<T>(promise: Promise<T>, gone: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onGone = () => reject(gone.reason);
    if (gone.aborted) onGone();
    gone.addEventListener('abort', onGone, { once: true });
    promise.then(resolve, reject).finally(() => gone.removeEventListener('abort', onGone));
  });
}
