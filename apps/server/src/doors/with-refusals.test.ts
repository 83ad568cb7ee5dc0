import { createMemoryLogger } from '@skein/contracts/testing';
import { SwarmError } from '@skein/swarm';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { Refusal } from './refusal.ts';
import { withRefusals } from './with-refusals.ts';

test.each<[string, Error, number, string | undefined]>([
  ['a peer that does not answer', new SwarmError('PEER_UNREACHABLE', 'it is away'), 502, 'info'],
  ['a database that is away', new SwarmError('STORE_UNAVAILABLE', 'it is away'), 503, 'info'],
  ['what a door refuses for now', new Refusal(503, 'busy', 'come again'), 503, 'info'],
  ['a wrong request', new SwarmError('INVALID_ARGUMENT', 'write a number'), 400, undefined],
  ['what nobody foresaw', new Error('undefined is not a function'), 500, 'error'],
])('of %s the log says what helps, and how bad it is', async (_what, thrown, status, level) => {
  const logger = createMemoryLogger();
  const routes = new Hono().get('/', () => {
    throw thrown;
  });
  expect((await withRefusals(routes, logger).request('/')).status).toBe(status);
  expect(logger.lines.map((line) => line.level)).toEqual(level ? [level] : []);
  const isTold = JSON.stringify(logger.lines).includes(thrown.message);
  if (level === 'info') expect(isTold).toBe(true);
  expect(logger.lines.some(({ fields }) => Object.values(fields ?? {}).includes(thrown))).toBe(level === 'error');
});

test('the key of a CortexPrism instance, a secret in the path, is in no line of the log', async () => {
  const logger = createMemoryLogger();
  const routes = new Hono().get('/cortex/:key/:rest{.+}', (c) => {
    throw c.req.query('known') ? new Refusal(503, 'busy', 'come again') : new Error('the card cannot be written');
  });
  const app = withRefusals(routes, logger);
  for (const query of ['', '?known=1']) await app.request(`/cortex/the-secret-key/.well-known/agent-card.json${query}`);
  expect(logger.lines).toHaveLength(2);
  expect(JSON.stringify(logger.lines)).not.toContain('the-secret-key');
  expect(logger.lines[0]?.fields).toMatchObject({ path: '/cortex/***/.well-known/agent-card.json' });
});
