/** Lets the operator in and nobody else. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { Refusal } from './refusal.ts';

/** Compares without telling by its time how much of a guess was right. */
export function createOperatorCheck(token: string): (given: string) => boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const wanted = digest(token);
  return (given) => timingSafeEqual(digest(given), wanted);
}

export function requireOperator(isOperator: (token: string) => boolean): MiddlewareHandler {
  const refuse = (message: string, error?: string) =>
    new Refusal(401, error ?? 'unauthenticated', message, {
      headers: { 'WWW-Authenticate': `Bearer realm="skein"${error ? `, error="${error}"` : ''}` },
    });
  return async (c, next) => {
    const header = c.req.header('authorization');
    if (header === undefined)
      throw refuse(
        "send the operator token as 'Authorization: Bearer …'; it stands in operator-token in the data folder",
      );
    const [, token] = /^Bearer +([^ ]+) *$/i.exec(header) ?? [];
    if (token === undefined || !isOperator(token))
      throw refuse(
        "this is not the node's operator token; it stands in operator-token in the data folder",
        'invalid_token',
      );
    await next();
  };
}
