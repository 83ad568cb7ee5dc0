/** The text of a join token and the hash that the seed keeps of it. */
import { createHash, randomBytes } from 'node:crypto';
import { JOIN_TOKEN_PREFIX, JoinToken } from '@skein/contracts';
import { SwarmError } from '../errors.ts';

/** 128 random bits, base64url. */
export function createTokenSecret(): string {
  return randomBytes(16).toString('base64url');
}

export function hashTokenSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

export function formatJoinToken(token: JoinToken): string {
  return JOIN_TOKEN_PREFIX + Buffer.from(JSON.stringify(token)).toString('base64url');
}

/** Errors: INVALID_TOKEN where the text is not whole. It says nothing of whether the seed still honours it. */
export function parseJoinToken(text: string): JoinToken {
  try {
    if (text.startsWith(JOIN_TOKEN_PREFIX))
      return JoinToken.parse(
        JSON.parse(Buffer.from(text.slice(JOIN_TOKEN_PREFIX.length), 'base64url').toString('utf8')),
      );
  } catch (cause) {
    throw new SwarmError('INVALID_TOKEN', 'the join token is damaged; copy it again, whole', { cause });
  }
  throw new SwarmError('INVALID_TOKEN', `a join token begins with ${JOIN_TOKEN_PREFIX}`);
}
