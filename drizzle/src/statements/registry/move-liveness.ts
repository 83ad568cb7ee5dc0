import type { Liveness, NodeId } from '@skein/contracts';
import type { LivenessTiming } from '@skein/swarm';
import type { Fragment, Sql } from '../statement.ts';

export interface MovedRow {
  id: NodeId;
  from: Liveness;
  to: Liveness;
  incarnation: number;
}

/** Which entries are judged, and what each is judged to be. */
export interface Verdict {
  which: Fragment;
  verdict: Fragment;
}

/** `livenessAfter` in SQL, for everyone whose beats are taken in here. */
export function verdictOfSilence(sql: Sql, timing: LivenessTiming, self: NodeId): Verdict {
  const silent = (ms: number) => sql`last_beat_at <= skein_now() - ${ms}::double precision * interval '1 ms'`;
  return {
    which: sql`observed and id <> ${self} and liveness in ('joining', 'online', 'suspect')`,
    verdict: sql`case
      when liveness = 'joining' then case when ${silent(timing.joiningAfterMs)} then 'offline' else 'joining' end
      when ${silent(timing.offlineAfterMs)} then 'offline'
      when ${silent(timing.suspectAfterMs)} then 'suspect'
      else 'online'
    end`,
  };
}

/** Hearsay without a seed in reach is unverified, never offline. */
export function verdictOfLostSight(sql: Sql, self: NodeId): Verdict {
  return { which: sql`not observed and id <> ${self} and liveness <> 'offline'`, verdict: sql`'unverified'::text` };
}

/** A node's goodbye, where it speaks of the life that is known. */
export function verdictOfLeave(sql: Sql, id: NodeId, incarnation: number): Verdict {
  return { which: sql`id = ${id} and incarnation = ${incarnation}`, verdict: sql`'offline'::text` };
}

/** Whether a verdict would change anything: asked first, without a lock, because it seldom would. */
export function wouldMove(sql: Sql, { which, verdict }: Verdict) {
  return sql<{ exists: boolean }[]>`
    select exists (select from nodes where not removed and ${which} and ${verdict} <> liveness)`;
}

/** Writes a verdict, each change with a revision of its own, behind the registry's lock. Any node may, at any time. */
export function moveLiveness(sql: Sql, { which, verdict }: Verdict) {
  return sql<MovedRow[]>`
    with judged as (
      select id, liveness as from_liveness, ${verdict} as to_liveness
      from nodes
      where not removed and ${which} and ${verdict} <> liveness
      order by id
      for update  -- a beat that comes in between is waited for, and judged
    ), numbered as (
      select *, row_number() over (order by id) as step from judged
    ), head as (
      update database_identity
      set registry_revision = registry_revision + (select count(*) from numbered)
      where exists (select from numbered)
      returning registry_revision - (select count(*) from numbered) as base
    )
    update nodes n
    set liveness = numbered.to_liveness, revision = head.base + numbered.step
    from numbered, head
    where n.id = numbered.id
    returning n.id, numbered.from_liveness as "from", n.liveness as "to", n.incarnation`;
}
