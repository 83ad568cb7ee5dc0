/** A receiver of push notifications on loopback, which outlives the agents that post to it. */
import { type ServedApp, serveApp } from '@skein/a2a-transport/testing';
import { StreamResponse } from '../conformance/strict.ts';

interface Posted {
  /** The same for each delivery of one event. */
  key: string;
  event: StreamResponse;
  taken: boolean;
}

export interface HeldReceiver extends AsyncDisposable {
  readonly origin: string;
  /** Everything that came, in its order. */
  readonly posted: readonly Posted[];
  /** Which events are refused from now on. */
  refuses(is: (event: StreamResponse) => boolean): void;
  /** Forgets what came. */
  clear(): void;
}

export async function createHeldReceiver(): Promise<HeldReceiver> {
  const posted: Posted[] = [];
  let isRefused: (event: StreamResponse) => boolean = () => false;
  const served: ServedApp = await serveApp(async (request) => {
    const event = StreamResponse.parse(await request.json());
    const taken = !isRefused(event);
    posted.push({ key: request.headers.get('idempotency-key') ?? '', event, taken });
    return new Response(null, { status: taken ? 204 : 503 });
  });
  return {
    origin: served.origin,
    posted,
    refuses(is) {
      isRefused = is;
    },
    clear: () => void posted.splice(0),
    [Symbol.asyncDispose]: served.close,
  };
}
