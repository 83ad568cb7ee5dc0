import type { NodeId, Tier } from '@skein/contracts';
import { pgTable, text } from 'drizzle-orm/pg-core';
import { idText, instant } from './column-types.ts';

/** Join tokens by the hash of their secret; `used_by` is the one key that a token has let in. */
export const joinTokens = pgTable('join_tokens', {
  secretHash: idText('secret_hash').primaryKey(),
  tier: text().$type<Tier>().notNull(),
  group: text('group_name'),
  createdAt: instant('created_at').notNull(),
  expiresAt: instant('expires_at').notNull(),
  usedBy: idText('used_by').$type<NodeId>(),
  usedAt: instant('used_at'),
});
