import type { Eligibility, EligibilityNote, Liveness, NodeId, NodeMetrics, NodeRecord, Tier } from '@skein/contracts';
import { bigint, boolean, index, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { idText, instant, json } from './column-types.ts';

/**
 * The registry. A removed node stays as a tombstone. What every beat writes (last_beat_at, metrics, beat_count) stands in
 * no index, so that a beat updates its row in place.
 */
export const nodes = pgTable(
  'nodes',
  {
    id: idText().$type<NodeId>().primaryKey(),
    record: json().$type<NodeRecord>().notNull(),
    signedRecord: text('signed_record').notNull(),
    /** Copies from the record, for order and for fencing. */
    name: idText().notNull(),
    incarnation: integer().notNull(),
    tier: text().$type<Tier>().notNull(),
    group: text('group_name'),
    liveness: text().$type<Liveness>().notNull(),
    observed: boolean().notNull(),
    eligibility: text().$type<Eligibility>().notNull(),
    eligibilityVersion: integer('eligibility_version').notNull(),
    /** Who decided it here, and why. */
    eligibilityNote: json('eligibility_note').$type<EligibilityNote>(),
    lastBeatAt: instant('last_beat_at'),
    metrics: json().$type<NodeMetrics>(),
    /** Beats taken in: names the slot of the next snapshot. */
    beatCount: bigint('beat_count', { mode: 'number' }).notNull().default(0),
    joinedAt: instant('joined_at').notNull(),
    revision: bigint({ mode: 'number' }).notNull(),
    removed: boolean().notNull(),
  },
  (table) => [index('nodes_revision').on(table.revision)],
);
