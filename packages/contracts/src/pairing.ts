/** A join token: what an operator carries from a seed to a new node. */
import { z } from 'zod';
import { NodeId } from './ids.ts';
import { GroupName, Tier } from './node.ts';

/** What a join token is to grant, and for how long it may wait to be used. */
export const TokenCreateBody = z.strictObject({
  tier: Tier.default('unprivileged'),
  group: GroupName.optional(),
  /** Lifetime in milliseconds. @default ten minutes */
  ttlMs: z.int().positive().max(86_400_000).default(600_000),
});
export type TokenCreateBody = z.infer<typeof TokenCreateBody>;

/** What the token's text holds, base64url of JSON behind `skein_join_`. The secret is stored hashed at the seed. */
export const JoinToken = z.strictObject({
  v: z.literal(1),
  /** 128 random bits, base64url. */
  secret: z.string().length(22),
  /** The seed's node id: the joiner lets it prove its key before it sends the secret. */
  seed: NodeId,
  tier: Tier,
  group: GroupName.optional(),
});
export type JoinToken = z.infer<typeof JoinToken>;

/** What a join token's text begins with. */
export const JOIN_TOKEN_PREFIX = 'skein_join_';
