import { EligibilityView } from '@skein/contracts';
import { createFakeClock } from '@skein/contracts/testing';
import { SwarmError } from '@skein/swarm';
import { expect, test } from 'vitest';
import { callerOf, unforeseen } from '../../testing/rest-caller.ts';
import { eligibilityView, NODE, OTHER } from '../../testing/sample-views.ts';
import { createEligibilityRoutes } from './eligibility.ts';

type EligibilityDoor = Parameters<typeof createEligibilityRoutes>[0]['node'];

function eligibility(over: Partial<EligibilityDoor> = {}) {
  const clock = createFakeClock();
  const node: EligibilityDoor = {
    ...{ id: NODE, drain: unforeseen, undrain: unforeseen, seal: unforeseen, unseal: unforeseen },
    ...{ getEligibility: unforeseen, whenDrained: unforeseen },
    ...over,
  };
  return { ...callerOf('/', createEligibilityRoutes({ node, clock })), clock };
}

/** Notes what it is called with. */
function noting(asked: unknown[], answer: EligibilityView = eligibilityView) {
  return async (options?: object) => {
    asked.push(options);
    return answer;
  };
}

test('what is known of a node’s eligibility is told', async () => {
  const getEligibility: EligibilityDoor['getEligibility'] = async (id) => (id === NODE ? eligibilityView : undefined);
  const { reply, refusal } = eligibility({ getEligibility });
  expect((await reply(EligibilityView, 'GET', `/nodes/${NODE}/eligibility`)).body).toEqual(eligibilityView);
  expect(await refusal('GET', `/nodes/${OTHER}/eligibility`)).toMatchObject({ status: 404, reason: 'unknown_node' });
});

test('a drain is answered when it is decided, with ten minutes unless told otherwise', async () => {
  const asked: unknown[] = [];
  const { reply } = eligibility({ drain: noting(asked) });
  const { status, body } = await reply(EligibilityView, 'POST', `/nodes/${NODE}/drain`);
  expect([status, body]).toEqual([202, eligibilityView]);
  await reply(EligibilityView, 'POST', `/nodes/${OTHER}/drain`, { deadlineMs: 0, force: true, reason: 'update' });
  expect(asked).toStrictEqual([
    { nodeId: NODE, deadlineMs: 600_000, force: false },
    { nodeId: OTHER, deadlineMs: 0, force: true, reason: 'update' },
  ]);
});

test('who waits for this node’s drain hears what became of its work', async () => {
  const drained: EligibilityView = { ...eligibilityView, eligibility: 'drained', running: 0 };
  const { reply } = eligibility({
    drain: async () => eligibilityView,
    whenDrained: async () => ({ eligibility: 'drained', finished: 2, interrupted: 1, waiting: 3 }),
    getEligibility: async () => drained,
  });
  const { status, body } = await reply(EligibilityView, 'POST', `/nodes/${NODE}/drain?wait=true`);
  expect(status).toBe(200);
  expect(body).toEqual({ ...drained, fate: { finished: 2, interrupted: 1, waiting: 3 } });
});

const there: EligibilityView = { ...eligibilityView, nodeId: OTHER };

test('who waits for another node’s drain hears of its end, and takes no older word for it', async () => {
  const words: EligibilityView[] = [
    { ...there, eligibility: 'eligible', version: 2 },
    there,
    { ...there, eligibility: 'drained', running: 0, fate: { finished: 2, interrupted: 1, waiting: 0 } },
  ];
  const { reply, clock } = eligibility({ drain: async () => there, getEligibility: async () => words.shift() });
  const waiting = reply(EligibilityView, 'POST', `/nodes/${OTHER}/drain?wait=true`);
  await clock.advance(3_000);
  expect(await waiting).toMatchObject({
    status: 200,
    body: { eligibility: 'drained', applied: 'there', fate: { finished: 2, interrupted: 1, waiting: 0 } },
  });
  expect(words).toEqual([]);
});

test.each<[string, object, number]>([
  ['its deadline and 25 seconds', { deadlineMs: 60_000 }, 85_000],
  ['25 seconds, where it is forced', { deadlineMs: 60_000, force: true }, 25_000],
])('another node’s drain is waited for until %s are over', async (_until, body, ms) => {
  let over = false;
  const { reply, clock } = eligibility({
    drain: async () => there,
    getEligibility: async () => ({ ...there, applied: 'here' }),
  });
  const waiting = reply(EligibilityView, 'POST', `/nodes/${OTHER}/drain?wait=true`, body).finally(() => {
    over = true;
  });
  await clock.advance(ms - 1_000);
  expect(over).toBe(false);
  await clock.advance(1_000);
  expect(await waiting).toMatchObject({ status: 200, body: { eligibility: 'draining', applied: 'there' } });
});

test('a caller who leaves ends his waiting, which is no failure of the node', async () => {
  const { app, clock, logger } = eligibility({ drain: async () => there, getEligibility: async () => there });
  const left = new AbortController();
  const path = `/nodes/${OTHER}/drain?wait=true`;
  const waiting = app.request(path, { method: 'POST', signal: left.signal });
  await clock.advance(500);
  expect(clock.sleeping).toBe(1);
  left.abort();
  expect((await waiting).status).toBe(500);
  expect([clock.sleeping, logger.lines]).toEqual([0, []]);
});

test('undrain and seal go to the node that is named, with their reason', async () => {
  const asked: unknown[] = [];
  const { reply } = eligibility({ undrain: noting(asked), seal: noting(asked) });
  expect((await reply(EligibilityView, 'POST', `/nodes/${OTHER}/undrain`)).status).toBe(200);
  await reply(EligibilityView, 'POST', `/nodes/${OTHER}/seal`, { reason: 'stolen' });
  expect(asked).toStrictEqual([{ nodeId: OTHER }, { nodeId: OTHER, reason: 'stolen' }]);
});

test.each(['/unseal', `/nodes/${NODE}/unseal`])(
  'POST %s opens this node, with a join token or without',
  async (path) => {
    const asked: unknown[] = [];
    const { reply } = eligibility({ unseal: noting(asked) });
    expect((await reply(EligibilityView, 'POST', path)).status).toBe(200);
    await reply(EligibilityView, 'POST', path, { joinToken: 'skein_join_x', reason: 'found' });
    expect(asked).toStrictEqual([{}, { joinToken: 'skein_join_x', reason: 'found' }]);
  },
);

test('another node is unsealed where it runs', async () => {
  const refused = await eligibility().refusal('POST', `/nodes/${OTHER}/unseal`);
  expect(refused).toMatchObject({ status: 409, reason: 'unseal_at_the_node', metadata: { nodeId: OTHER } });
  expect(refused.message).toContain("run 'skein unseal' where");
});

test.each<['FORBIDDEN' | 'ILLEGAL_TRANSITION' | 'UNKNOWN_NODE', number]>([
  ['FORBIDDEN', 403],
  ['ILLEGAL_TRANSITION', 409],
  ['UNKNOWN_NODE', 404],
])('a drain that is answered with %s becomes %i', async (code, status) => {
  const drain = async () => {
    throw new SwarmError(code, 'no');
  };
  expect(await eligibility({ drain }).refusal('POST', `/nodes/${OTHER}/drain`)).toMatchObject({ status });
});

const drain = `/nodes/${NODE}/drain`;

test.each<[string, string, unknown, string]>([
  ['GET', '/nodes/node-2/eligibility', undefined, 'id: a node id has 26 characters'],
  ['GET', `/nodes/${NODE}/eligibility?full=1`, undefined, 'full is not a known key'],
  ['POST', '/nodes/node-2/drain', {}, 'id: a node id has 26 characters'],
  ['POST', drain, { deadlineMs: -1 }, 'deadlineMs: expected at least 0'],
  ['POST', drain, { deadlineMs: 86_400_001 }, 'deadlineMs: expected at most 86400000'],
  ['POST', drain, { deadlineMs: '10' }, 'deadlineMs: expected a'],
  ['POST', drain, { force: 'yes' }, 'force: expected true or false'],
  ['POST', drain, { reason: '' }, 'reason: expected at least 1 character'],
  ['POST', drain, { action: 'seal' }, 'action is not a known key'],
  ['POST', `${drain}?force=true`, {}, 'force is not a known key'],
  ['POST', `/nodes/${NODE}/undrain`, { force: true }, 'force is not a known key'],
  ['POST', `/nodes/${NODE}/seal?wait=true`, {}, 'wait is not a known key'],
  ['POST', '/unseal', { token: 'skein_join_x' }, 'token is not a known key'],
  ['POST', '/unseal', { joinToken: '' }, 'joinToken: expected at least 1 character'],
])('%s %s with %j is refused', async (method, path, body, message) => {
  const refused = await eligibility().refusal(method, path, body);
  expect(refused).toMatchObject({ status: 400, reason: 'invalid_argument' });
  expect(refused.message).toContain(message);
});
