import type { NodeEntry } from '@skein/swarm';
import { jsonText, type Sql } from '../statement.ts';

/** Writes an entry as it was decided, behind the registry's lock and the entry's own. */
export function writeEntry(sql: Sql, entry: NodeEntry) {
  const moment = (ms: number | null) => sql`to_timestamp(${ms}::double precision / 1000)`;
  return sql`
    insert into nodes (
      id, record, signed_record, name, incarnation, tier, group_name, liveness, observed, eligibility,
      eligibility_version, eligibility_note, last_beat_at, metrics, joined_at, revision, removed
    )
    values (
      ${entry.id}, ${jsonText(entry.record)}::json, ${entry.signedRecord}, ${entry.record.name},
      ${entry.record.incarnation}, ${entry.tier}, ${entry.group}, ${entry.liveness}, ${entry.observed},
      ${entry.eligibility}, ${entry.eligibilityVersion}, ${jsonText(entry.eligibilityNote)}::json,
      ${moment(entry.lastBeatAt)}, ${jsonText(entry.metrics)}::json, ${moment(entry.joinedAt)}, ${entry.revision}, ${entry.removed}
    )
    on conflict (id) do update set
      record = excluded.record, signed_record = excluded.signed_record, name = excluded.name,
      incarnation = excluded.incarnation, tier = excluded.tier, group_name = excluded.group_name,
      liveness = excluded.liveness, observed = excluded.observed, eligibility = excluded.eligibility,
      eligibility_version = excluded.eligibility_version, eligibility_note = excluded.eligibility_note,
      last_beat_at = excluded.last_beat_at, metrics = excluded.metrics, joined_at = excluded.joined_at,
      revision = excluded.revision, removed = excluded.removed`;
}
