import type { Tier } from '@skein/contracts';
import { SwarmError, type TokenStore, type TokenUse } from '@skein/swarm';
import { sql as text } from 'drizzle-orm';
import type { Database } from '../connect.ts';
import { joinTokens } from '../schema/index.ts';
import { useToken } from '../statements/tokens/use-token.ts';

/** Join tokens on PostgreSQL. */
export function createPostgresTokenStore({ sql, orm }: Pick<Database, 'sql' | 'orm'>): TokenStore {
  return {
    async create({ secretHash, tier, group, ttlMs }) {
      const [created] = await orm
        .insert(joinTokens)
        .values({
          ...{ secretHash, tier, group },
          createdAt: text`skein_now()`,
          expiresAt: text`skein_now() + ${ttlMs}::double precision * interval '1 ms'`,
        })
        .onConflictDoNothing()
        .returning({ expiresAt: joinTokens.expiresAt });
      if (!created) throw new SwarmError('INVALID_ARGUMENT', 'this join token exists already');
      return created;
    },

    async use(secretHash, nodeId, { anew = false } = {}) {
      const [token] = await useToken(sql, secretHash, nodeId, anew);
      if (!token) return { status: 'unknown' };
      // The statement's own words, and columns that the schema types as these.
      const { outcome, tier, group_name } = token as {
        outcome: TokenUse['status'];
        tier: Tier;
        group_name: string | null;
      };
      return outcome === 'granted' ? { status: outcome, tier, group: group_name } : { status: outcome };
    },
  };
}
