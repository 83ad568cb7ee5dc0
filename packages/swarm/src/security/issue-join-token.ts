/** Makes a join token: its secret is told once, here, and only its hash is kept. */
import { type NodeId, TokenCreateBody } from '@skein/contracts';
import { firstIssue } from '../directives/directive-message.ts';
import { SwarmError } from '../errors.ts';
import { createTokenSecret, formatJoinToken, hashTokenSecret } from './join-token.ts';
import type { TokenStore } from './token-store.ts';

/** Errors: INVALID_ARGUMENT, naming the field. */
export async function issueJoinToken(
  { self, tokens }: { self: NodeId; tokens: Pick<TokenStore, 'create'> },
  input: Partial<TokenCreateBody>,
): Promise<{ token: string; expiresAt: string }> {
  const parsed = TokenCreateBody.safeParse(input);
  if (!parsed.success) throw new SwarmError('INVALID_ARGUMENT', firstIssue(parsed.error), { cause: parsed.error });
  const { tier, ttlMs, group } = parsed.data;
  const secret = createTokenSecret();
  const { expiresAt } = await tokens.create({ secretHash: hashTokenSecret(secret), tier, group: group ?? null, ttlMs });
  const token = formatJoinToken({ v: 1, secret, seed: self, tier, ...(group !== undefined && { group }) });
  return { token, expiresAt: new Date(expiresAt).toISOString() };
}
