/** /mailboxes: what waits for the agents and sessions of this node. */
import {
  AcknowledgeMailBody,
  type AcknowledgeMailReply,
  type MailboxList,
  type MailList,
  MailListQuery,
  type MailThreadList,
  type Recipient,
  RecipientName,
} from '@skein/contracts';
import type { MailDesk } from '@skein/swarm';
import { Hono } from 'hono';
import { z } from 'zod';
import { parseBody, parseParameter, parseQuery, refuseQuery } from '../request-body.ts';

const RecipientKind = z.enum(['agent', 'session']);

export function createMailboxRoutes({ node }: { node: Omit<MailDesk, 'deliverMail'> }): Hono {
  const app = new Hono();

  app.get('/', async (c) => {
    refuseQuery(c);
    return c.json({ mailboxes: await node.listMailboxes() } satisfies z.infer<typeof MailboxList>);
  });

  app.get('/:kind/:name', async (c) => {
    const recipient = recipientOf(c.req.param());
    const { after, limit, contextId, all } = parseQuery(c, MailListQuery);
    const mail = await node.listMail(recipient, {
      ...{ limit, all: all === 'true' },
      ...(after !== undefined && { after }),
      ...(contextId !== undefined && { contextId }),
    });
    return c.json({ mail } satisfies z.infer<typeof MailList>);
  });

  app.get('/:kind/:name/threads', async (c) => {
    refuseQuery(c);
    const threads = await node.listThreads(recipientOf(c.req.param()));
    return c.json({ threads } satisfies z.infer<typeof MailThreadList>);
  });

  app.post('/:kind/:name/acknowledge', async (c) => {
    refuseQuery(c);
    const recipient = recipientOf(c.req.param());
    const { ids } = await parseBody(c, AcknowledgeMailBody);
    const reply: z.infer<typeof AcknowledgeMailReply> = await node.acknowledgeMail(recipient, ids);
    return c.json(reply);
  });
  return app;
}

function recipientOf(parameters: { kind: string; name: string }): Recipient {
  const kind = parseParameter(parameters.kind, RecipientKind, 'kind');
  const name = parseParameter(parameters.name, RecipientName, 'name');
  return kind === 'agent' ? { agent: name } : { session: name };
}
