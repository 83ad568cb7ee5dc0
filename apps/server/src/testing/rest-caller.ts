/** Calls routes as REST serves them: under their path, with refusals as every door has them. */
import { ErrorBody } from '@skein/contracts';
import { createMemoryLogger } from '@skein/contracts/testing';
import { Hono } from 'hono';
import { withRefusals } from '../doors/with-refusals.ts';

export function callerOf(path: string, routes: Hono) {
  const logger = createMemoryLogger();
  const app = withRefusals(new Hono().route(path, routes), logger);
  async function call(method: string, target: string, body?: unknown, headers: Record<string, string> = {}) {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return app.request(target, { method, headers, ...(body !== undefined && { body: text }) });
  }
  /** The status and what was answered, as the schema reads it: a reply that does not fit fails the test. */
  async function reply<T>(schema: { parse(value: unknown): T }, method: string, target: string, body?: unknown) {
    const response = await call(method, target, body);
    return { status: response.status, body: schema.parse(await response.json()) };
  }
  async function refusal(method: string, target: string, body?: unknown) {
    const { status, body: refused } = await reply(ErrorBody, method, target, body);
    return { status, ...refused.error };
  }
  return { app, call, reply, refusal, logger };
}

/** What stands in for a desk: a call that a test does not foresee fails it. */
export async function unforeseen(): Promise<never> {
  throw new Error('this test does not come so far');
}
