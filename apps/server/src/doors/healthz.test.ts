import { HealthReply, type NodeId } from '@skein/contracts';
import { createFakeClock } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import { createHealthRoutes } from './healthz.ts';

test.each([
  [true, 200, 'ok'],
  [false, 503, 'unavailable'],
] as const)('a node whose storage answers: %s, says %i %s, and nothing that is secret', async (ready, code, status) => {
  const clock = createFakeClock();
  // An id by hand: this test makes no key.
  const node = { id: 'aaaaaaaaaaaaaaaaaaaaaaaaaa' as NodeId, name: 'node-1', isReady: async () => ready };
  const app = createHealthRoutes({ node, clock, startedAt: clock.now(), version: '1.2.3' });
  await clock.advance(250);
  const response = await app.request('/healthz');
  expect(response.status).toBe(code);
  const reply = HealthReply.parse(await response.json());
  expect(reply).toMatchObject({ status, uptimeMs: 250, version: '1.2.3' });
});
