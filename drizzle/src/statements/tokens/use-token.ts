import type { NodeId } from '@skein/contracts';
import type { RawRow, Sql } from '../statement.ts';

/**
 * Binds a token to one key. Of many at once the row's lock lets one through; the others then read whom it went to. Whoever
 * used it in time may ask again later, for the first answer may have been lost; but not who is to be let in anew.
 */
export function useToken(sql: Sql, secretHash: string, nodeId: NodeId, anew: boolean) {
  return sql<RawRow[]>`
    with before as (
      select * from join_tokens where secret_hash = ${secretHash} for update
    ), granted as (
      update join_tokens t
      set used_by = ${nodeId}, used_at = skein_now()
      from before
      where t.secret_hash = before.secret_hash and before.used_by is null and before.expires_at > skein_now()
    )
    select tier, group_name, case
      when (used_by = ${nodeId} and not ${anew}) or (used_by is null and expires_at > skein_now()) then 'granted'
      when used_by is not null then 'used'
      else 'expired'
    end as outcome
    from before`;
}
