/** One way of saying no for every door: whatever a route throws becomes a status and an error body. */
import type { Logger } from '@skein/contracts/runtime';
import { SwarmError } from '@skein/swarm';
import type { Hono } from 'hono';
import { Refusal, refusalFor } from './refusal.ts';

export function withRefusals(app: Hono, logger: Logger): Hono {
  app.notFound((c) => {
    const refusal = new Refusal(404, 'not_found', `there is no ${c.req.method} ${c.req.path} here`);
    return c.json(refusal.body, 404);
  });
  app.onError((thrown, c) => {
    const refusal = refusalFor(thrown);
    // Whoever left while he waited hears nothing of it, and nothing failed.
    if (refusal.status >= 500 && !c.req.raw.signal.aborted) {
      const { reason, message } = refusal;
      // What was foreseen is the caller's to read, and no fault of this node's.
      if (thrown instanceof SwarmError || thrown instanceof Refusal)
        logger.info('a request could not be met', { path: withoutKey(c.req.path), reason, detail: message });
      else logger.error('a request failed', { path: withoutKey(c.req.path), reason, thrown });
    }
    return c.json(refusal.body, refusal.status, { ...refusal.headers });
  });
  return app;
}

/** The path of a CortexPrism instance holds the secret that lets it in. */
function withoutKey(path: string): string {
  return path.replace(/^\/cortex\/[^/]+/, '/cortex/***');
}
