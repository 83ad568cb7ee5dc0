/** /directives: what this node sent and received, and the way to send more. */
import {
  type CancelReply,
  DirectiveId,
  type DirectiveList,
  DirectiveListQuery,
  DirectiveSide,
  DispatchRequest,
} from '@skein/contracts';
import type { SwarmNode } from '@skein/swarm';
import { Hono } from 'hono';
import { z } from 'zod';
import { parseBody, parseParameter, parseQuery, refuseQuery } from '../request-body.ts';
import { requireDirective, type SendDeps, SendQuery, sendDirective } from './send-directive.ts';

const DetailQuery = z.strictObject({ side: DirectiveSide.optional() });

interface DirectiveDeps extends SendDeps {
  node: SendDeps['node'] & Pick<SwarmNode, 'listDirectives' | 'cancelDirective'>;
}

export function createDirectiveRoutes({ node, clock }: DirectiveDeps): Hono {
  const app = new Hono();

  app.get('/', async (c) => {
    const { status, limit } = parseQuery(c, DirectiveListQuery);
    const directives = await node.listDirectives({ limit, ...(status && { status }) });
    return c.json({ directives } satisfies z.infer<typeof DirectiveList>);
  });

  app.get('/:id', async (c) => {
    const id = parseParameter(c.req.param('id'), DirectiveId, 'id');
    const { side } = parseQuery(c, DetailQuery);
    return c.json(await requireDirective(node, id, side));
  });

  app.post('/', async (c) => {
    const query = parseQuery(c, SendQuery);
    return sendDirective(c, await parseBody(c, DispatchRequest), query, { node, clock });
  });

  app.post('/:id/cancel', async (c) => {
    refuseQuery(c);
    const id = parseParameter(c.req.param('id'), DirectiveId, 'id');
    const directive = await node.cancelDirective(id);
    return c.json({ directive } satisfies z.infer<typeof CancelReply>, 202);
  });
  return app;
}
