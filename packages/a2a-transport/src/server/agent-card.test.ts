import { createFakeClock } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import { createTestCard } from '../testing/test-agent.ts';
import { createAgentCardRoute } from './agent-card.ts';

const path = '/.well-known/agent-card.json';

test('the card comes with what lets a reader ask again for nothing', async () => {
  const app = createAgentCardRoute({ card: createTestCard, clock: createFakeClock(), maxAgeSeconds: 60 });
  const first = await app.request(path);
  expect(await first.json()).toEqual(createTestCard());
  expect(Object.fromEntries(first.headers)).toMatchObject({
    'content-type': 'application/json',
    'cache-control': 'public, max-age=60',
    'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT',
  });
  const etag = first.headers.get('etag') ?? '';
  for (const known of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
    const again = await app.request(path, { headers: { 'if-none-match': known } });
    expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
  }
  expect((await app.request(path, { headers: { 'if-none-match': '"x"' } })).status).toBe(200);
});

test('a card that changed has a new ETag and hour', async () => {
  let name = 'one';
  const clock = createFakeClock();
  const app = createAgentCardRoute({ card: () => createTestCard({ name }), clock, maxAgeSeconds: 60 });
  const before = await app.request(path);
  await clock.advance(60_000);
  expect((await app.request(path)).headers.get('last-modified')).toBe(before.headers.get('last-modified'));
  name = 'two';
  const after = await app.request(path);
  expect(after.headers.get('etag')).not.toBe(before.headers.get('etag'));
  expect(after.headers.get('last-modified')).toBe('Thu, 01 Jan 2026 00:01:00 GMT');
});
