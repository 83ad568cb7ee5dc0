import type { IncomingMessage, ServerResponse } from 'node:http';

/** How pages of other origins are treated, which browsers announce in `Origin`. */
export interface CrossOrigin {
  /** What to answer at once: a refusal or a preflight; undefined where the request goes on, with what its page may read. */
  answer(
    request: Pick<IncomingMessage, 'headers' | 'method'>,
    response: Pick<ServerResponse, 'setHeader'>,
  ): 403 | 204 | undefined;
}

/** What a page may send, and what it may read of the answer. */
const sent = 'Content-Type, Accept, Authorization, A2A-Version, A2A-Extensions, X-A2A-Extensions, Last-Event-ID';
const read = 'A2A-Extensions, X-A2A-Extensions, ETag, Last-Modified, Retry-After, WWW-Authenticate';

/**
 * Pages of these origins may call; every other origin is refused, on loopback too: a page in the browser of whoever runs
 * this agent reaches addresses that nobody else does. Programs send no `Origin`.
 */
export function createCrossOrigin(allowed: readonly string[]): CrossOrigin {
  const origins = new Set(allowed.map(readOrigin));
  return {
    answer({ headers, method }, response) {
      const { origin } = headers;
      // Also where there is none: a cache must not give that answer to a page.
      if (origins.size > 0) response.setHeader('Vary', 'Origin');
      if (origin === undefined) return undefined;
      if (!origins.has(origin)) return 403;
      response.setHeader('Access-Control-Allow-Origin', origin);
      response.setHeader('Access-Control-Expose-Headers', read);
      if (method !== 'OPTIONS') return undefined;
      response.setHeader('Access-Control-Allow-Methods', 'GET, POST, DELETE');
      response.setHeader('Access-Control-Allow-Headers', sent);
      response.setHeader('Access-Control-Max-Age', '600');
      return 204;
    },
  };
}

/** As browsers write it. */
function readOrigin(text: string): string {
  if (URL.canParse(text) && new URL(text).origin === text) return text;
  throw new TypeError(`"${text}" is no origin, such as https://app.example or http://localhost:5173`);
}
