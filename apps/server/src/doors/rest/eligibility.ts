/** Takes nodes out of work and out of the swarm: drain, undrain, seal, unseal, for this node and for others. */
import {
  DrainBody,
  type DrainFate,
  type EligibilityView,
  NodeId,
  SealBody,
  UndrainBody,
  UnsealBody,
} from '@skein/contracts';
import type { Clock } from '@skein/contracts/runtime';
import type { EligibilityDesk, SwarmNode } from '@skein/swarm';
import { type Context, Hono } from 'hono';
import { Refusal } from '../refusal.ts';
import { parseBody, parseParameter, parseQuery, refuseQuery } from '../request-body.ts';
import { known } from './nodes.ts';
import { SendQuery } from './send-directive.ts';

interface EligibilityDeps {
  node: EligibilityDesk & Pick<SwarmNode, 'id'>;
  clock: Clock;
}

/** How often another node's word is looked for, and how long beyond the drain's own deadline. */
const LOOK_EVERY_MS = 1_000;
const WORD_MAY_TAKE_MS = 25_000;

export function createEligibilityRoutes({ node, clock }: EligibilityDeps): Hono {
  const app = new Hono();

  app.get('/nodes/:id/eligibility', async (c) => {
    refuseQuery(c);
    const id = parseParameter(c.req.param('id'), NodeId, 'id');
    return c.json(known(id, await node.getEligibility(id, { signal: c.req.raw.signal })) satisfies EligibilityView);
  });

  /** Answers when the decision is stored; with ?wait=true when nothing runs there any more, or the drain was undone. */
  app.post('/nodes/:id/drain', async (c) => {
    const nodeId = parseParameter(c.req.param('id'), NodeId, 'id');
    const { wait } = parseQuery(c, SendQuery);
    const order = await parseBody(c, DrainBody);
    const decided = await node.drain({ nodeId, ...given(order) });
    if (wait === 'false') return c.json(decided, 202);
    const signal = c.req.raw.signal;
    if (nodeId === node.id) return c.json(await drainedHere(signal));
    return c.json(await heardDrained(decided, (order.force ? 0 : order.deadlineMs) + WORD_MAY_TAKE_MS, signal));
  });

  async function drainedHere(signal: AbortSignal): Promise<EligibilityView> {
    const { finished, interrupted, waiting } = await node.whenDrained({ signal });
    const fate: DrainFate = { finished, interrupted, waiting };
    return { ...known(node.id, await node.getEligibility(node.id)), fate };
  }

  /** Another node is asked again and again. Where patience ends first, it is what was heard last. */
  async function heardDrained(
    decided: EligibilityView,
    patienceMs: number,
    signal: AbortSignal,
  ): Promise<EligibilityView> {
    const until = clock.now() + patienceMs;
    let latest = decided;
    while (latest.eligibility === 'draining' && clock.now() < until) {
      await clock.sleep(LOOK_EVERY_MS, signal);
      const heard = known(decided.nodeId, await node.getEligibility(decided.nodeId, { signal }));
      if (heard.version < latest.version) continue; // an older word, from before the drain
      const byItself = latest.applied === 'there' || heard.eligibility === 'drained'; // nobody else says drained
      latest = { ...heard, applied: byItself ? 'there' : heard.applied };
    }
    return latest;
  }

  app.post('/nodes/:id/undrain', async (c) => {
    refuseQuery(c);
    const nodeId = parseParameter(c.req.param('id'), NodeId, 'id');
    return c.json(await node.undrain({ nodeId, ...given(await parseBody(c, UndrainBody)) }));
  });

  app.post('/nodes/:id/seal', async (c) => {
    refuseQuery(c);
    const nodeId = parseParameter(c.req.param('id'), NodeId, 'id');
    return c.json(await node.seal({ nodeId, ...given(await parseBody(c, SealBody)) }));
  });

  async function unseal(c: Context): Promise<Response> {
    refuseQuery(c);
    return c.json(await node.unseal(given(await parseBody(c, UnsealBody))));
  }
  app.post('/unseal', unseal);
  app.post('/nodes/:id/unseal', async (c) => {
    const id = parseParameter(c.req.param('id'), NodeId, 'id');
    if (id === node.id) return unseal(c);
    const message = `a node is unsealed by its own operator only: run 'skein unseal' where ${id} runs`;
    throw new Refusal(409, 'unseal_at_the_node', message, { metadata: { nodeId: id } });
  });
  return app;
}

/** Without the keys that stand for nothing: the desk's options are there or are not. */
function given<T extends object>(body: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(body).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as ReturnType<typeof given<T>>; // the same keys but for those
}
