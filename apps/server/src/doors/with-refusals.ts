/** One way of saying no for every door: whatever a route throws becomes a status and an error body. */
import type { Logger } from '@skein/contracts/runtime';
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
    if (refusal.status >= 500 && !c.req.raw.signal.aborted)
      logger.error('a request failed', { path: c.req.path, reason: refusal.reason, thrown });
    return c.json(refusal.body, refusal.status, { ...refusal.headers });
  });
  return app;
}
