import type { DirectiveEvent, DirectiveSide } from '@skein/contracts';
import type { InboxKey } from '@skein/swarm';
import { and, asc, eq } from 'drizzle-orm';
import type { Database } from '../connect.ts';
import { swarmDirectiveEvents as events } from '../schema/index.ts';

/** A directive's way at one end, oldest first. */
export async function readTrail(
  orm: Database['orm'],
  side: DirectiveSide,
  { sourceNodeId, id }: InboxKey,
): Promise<DirectiveEvent[]> {
  const rows = await orm
    .select({ at: events.at, side: events.side, from: events.from, to: events.to, reason: events.reason })
    .from(events)
    .where(and(eq(events.sourceNodeId, sourceNodeId), eq(events.directiveId, id), eq(events.side, side)))
    .orderBy(asc(events.id));
  return rows.map((row) => ({ ...row, at: new Date(row.at).toISOString() }));
}
