/** One way of handing in a directive, for every route that does. */
import type { DirectiveDetail, DirectiveId, DirectiveSide, DispatchReply, DispatchRequest } from '@skein/contracts';
import type { Clock } from '@skein/contracts/runtime';
import type { SwarmNode } from '@skein/swarm';
import type { Context } from 'hono';
import { z } from 'zod';
import { Refusal, refusalFor } from '../refusal.ts';
import { eventStream } from '../sse.ts';

export interface SendDeps {
  node: Pick<SwarmNode, 'submit' | 'dispatch' | 'dispatchStream' | 'getDirective'>;
  clock: Clock;
}

export const SendQuery = z.strictObject({ wait: z.enum(['true', 'false']).default('false') });

export const wantsStream = (c: Context) => c.req.header('accept')?.includes('text/event-stream') ?? false;

/**
 * Answers at once with the stored row; with ?wait=true when the directive has ended; as a stream of its updates to
 * whoever accepts text/event-stream. In each case it is sent and carried out, whether or not the caller stays.
 */
export async function sendDirective(
  c: Context,
  request: DispatchRequest,
  { wait }: z.infer<typeof SendQuery>,
  { node, clock }: SendDeps,
): Promise<Response> {
  if (wantsStream(c))
    return eventStream(node.dispatchStream(request), { clock, errorEvent: (cause) => refusalFor(cause).body });
  if (wait === 'false') {
    const directive = await node.submit(request);
    return c.json({ directive } satisfies z.infer<typeof DispatchReply>, 202);
  }
  const { directiveId } = await node.dispatch(request);
  const { directive } = await requireDirective(node, directiveId, 'outbox');
  return c.json({ directive } satisfies z.infer<typeof DispatchReply>);
}

export async function requireDirective(
  node: Pick<SwarmNode, 'getDirective'>,
  id: DirectiveId,
  side?: DirectiveSide,
): Promise<DirectiveDetail> {
  const detail = await node.getDirective(id, side);
  if (detail) return detail;
  throw new Refusal(404, 'directive_not_found', `this node neither sent nor received a directive ${id}`, {
    metadata: { directiveId: id },
  });
}
