/** /directives: what this node sent and received, and the way to send more. */
import {
  type CancelReply,
  type DirectiveDetail,
  DirectiveId,
  type DirectiveList,
  DirectiveListQuery,
  DirectiveSide,
  type DispatchReply,
  DispatchRequest,
} from '@skein/contracts';
import type { Clock } from '@skein/contracts/runtime';
import type { SwarmNode } from '@skein/swarm';
import { Hono } from 'hono';
import { z } from 'zod';
import { Refusal, refusalFor } from '../refusal.ts';
import { parseBody, parseParameter, parseQuery } from '../request-body.ts';
import { eventStream } from '../sse.ts';

type DirectiveDoor = Pick<
  SwarmNode,
  'submit' | 'dispatch' | 'dispatchStream' | 'getDirective' | 'listDirectives' | 'cancelDirective'
>;

const DetailQuery = z.strictObject({ side: DirectiveSide.optional() });
const DispatchQuery = z.strictObject({ wait: z.enum(['true', 'false']).default('false') });

export function createDirectiveRoutes({ node, clock }: { node: DirectiveDoor; clock: Clock }): Hono {
  const app = new Hono();

  async function requireDirective(id: DirectiveId, side?: DirectiveSide): Promise<DirectiveDetail> {
    const detail = await node.getDirective(id, side);
    if (detail) return detail;
    throw new Refusal(404, 'directive_not_found', `this node neither sent nor received a directive ${id}`, {
      metadata: { directiveId: id },
    });
  }

  app.get('/', async (c) => {
    const { status, limit } = parseQuery(c, DirectiveListQuery);
    const directives = await node.listDirectives({ limit, ...(status && { status }) });
    return c.json({ directives } satisfies z.infer<typeof DirectiveList>);
  });

  app.get('/:id', async (c) => {
    const id = parseParameter(c.req.param('id'), DirectiveId, 'id');
    const { side } = parseQuery(c, DetailQuery);
    return c.json(await requireDirective(id, side));
  });

  /**
   * Answers at once with the stored row; with ?wait=true when the directive has ended; as a stream of its updates to
   * whoever accepts text/event-stream. In each case it is sent and carried out, whether or not the caller stays.
   */
  app.post('/', async (c) => {
    const { wait } = parseQuery(c, DispatchQuery);
    const request = await parseBody(c, DispatchRequest);
    if (c.req.header('accept')?.includes('text/event-stream'))
      return eventStream(node.dispatchStream(request), { clock, errorEvent: (cause) => refusalFor(cause).body });
    if (wait === 'false') {
      const directive = await node.submit(request);
      return c.json({ directive } satisfies z.infer<typeof DispatchReply>, 202);
    }
    const { directiveId } = await node.dispatch(request);
    const { directive } = await requireDirective(directiveId, 'outbox');
    return c.json({ directive } satisfies z.infer<typeof DispatchReply>);
  });

  app.post('/:id/cancel', async (c) => {
    const id = parseParameter(c.req.param('id'), DirectiveId, 'id');
    const directive = await node.cancelDirective(id);
    return c.json({ directive } satisfies z.infer<typeof CancelReply>, 202);
  });
  return app;
}
