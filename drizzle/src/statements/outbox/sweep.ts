import type { DirectiveResult, NodeId } from '@skein/contracts';
import { LAST_REASON_WORDS } from '@skein/swarm';
import { jsonText, type RawRow, type Sql } from '../statement.ts';

export interface SweepEndings {
  timedOut: DirectiveResult;
  cancelled: DirectiveResult;
  unknown: DirectiveResult;
}

/**
 * What time has done, in one statement: `fate` says to whom what. What was never out ends by the sender's word; what may
 * be out is to be cancelled at its receiver, and is unknown once nobody could be asked for too long.
 */
export function sweep(
  sql: Sql,
  sourceNodeId: NodeId,
  { unknownAfterMs, askAgainMs }: { unknownAfterMs: number; askAgainMs: number },
  endings: SweepEndings,
) {
  const { timedOut, cancelled, unknown } = endings;
  return sql<RawRow[]>`
    with late as (
      select source_node_id, id from swarm_directives
      where source_node_id = ${sourceNodeId} and state in ('queued', 'sending', 'accepted')
        and deadline_at <= skein_now()
        and (cancel_requested is null
          or deadline_at + ${unknownAfterMs}::double precision * interval '1 ms' <= skein_now())
      union
      select source_node_id, id from swarm_directives
      where source_node_id = ${sourceNodeId} and ended_at is null and cancel_requested is not null
        and state = 'queued' and not attempt_open
    ), before as (
      select d.*, case
        when d.state = 'queued' and not d.attempt_open then 'expired'
        when d.deadline_at + ${unknownAfterMs}::double precision * interval '1 ms' <= skein_now() then 'lost'
        when d.cancel_requested is null then 'overdue'
      end as fate
      from swarm_directives d join late on d.source_node_id = late.source_node_id and d.id = late.id
      where d.ended_at is null
      for update of d skip locked  -- whoever holds it is writing it: the next sweep looks again
    ), ending as (
      select source_node_id, id, state as from_state, fate,
        case
          when fate = 'lost' then ${jsonText(unknown)}::json
          when fate = 'expired' and cancel_requested = 'caller' then ${jsonText(cancelled)}::json
          when fate = 'expired' and last_reason is null then ${jsonText(timedOut)}::json
          when fate = 'expired' then (${jsonText(timedOut)}::jsonb || jsonb_build_object('error', jsonb_build_object(
            'reason', ${timedOut.error?.reason ?? ''}::text,
            'message', ${(timedOut.error?.message ?? '') + LAST_REASON_WORDS}::text || last_reason,
            'metadata', jsonb_build_object('lastReason', last_reason)
          )))::json
        end as result
      from before
      left join lateral (  -- the trail knows why the last attempt came back
        select reason as last_reason from swarm_directive_events e
        where fate = 'expired' and e.source_node_id = before.source_node_id and e.directive_id = before.id
          and e.side = 'outbox' and e.from_state = 'sending' and e.to_state = 'queued'
        order by e.id desc limit 1
      ) put_off on true
      where fate is not null
    ), swept as (
      update swarm_directives d
      set state = coalesce(ending.result ->> 'status', d.state),
        result = ending.result,
        ended_at = case when ending.result is not null then skein_now() end,
        acknowledged = fate = 'expired',
        cancel_requested = case when fate = 'overdue' then 'deadline' else d.cancel_requested end,
        due_at = case fate
          when 'overdue' then skein_now()
          when 'lost' then skein_now() + ${askAgainMs}::double precision * interval '1 ms'
          else d.due_at
        end
      from ending
      where d.source_node_id = ending.source_node_id and d.id = ending.id
      returning d.*, ending.from_state, ending.fate
    ), told as (
      insert into swarm_directive_events (side, source_node_id, directive_id, at, from_state, to_state, reason)
      select 'outbox', source_node_id, id, ended_at, from_state, state, result -> 'error' ->> 'reason'
      from swept where ended_at is not null
    )
    select * from swept order by created_at, seq`;
}
