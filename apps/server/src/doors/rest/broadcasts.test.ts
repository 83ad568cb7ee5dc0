import { BroadcastDetail, type BroadcastUpdate } from '@skein/contracts';
import { systemClock } from '@skein/contracts/runtime';
import { type BroadcastDesk, SwarmError } from '@skein/swarm';
import { expect, test } from 'vitest';
import { callerOf, unforeseen } from '../../testing/rest-caller.ts';
import { BROADCAST, broadcastDetail, DIRECTIVE, OTHER } from '../../testing/sample-views.ts';
import { createBroadcastRoutes } from './broadcasts.ts';

function broadcasts(over: Partial<BroadcastDesk> = {}) {
  const node: BroadcastDesk = {
    ...{ broadcast: unforeseen, submitBroadcast: unforeseen, getBroadcast: unforeseen },
    broadcastStream: () => {
      throw new Error('this test does not come so far');
    },
    ...over,
  };
  return callerOf('/broadcast', createBroadcastRoutes({ node, clock: systemClock }));
}

const order = { kind: 'query_resources', payload: {} };

test('a broadcast goes to everybody, or to those that its selector means, and is answered at once', async () => {
  const asked: unknown[] = [];
  const { reply } = broadcasts({
    submitBroadcast: async (...call) => {
      asked.push(call);
      return broadcastDetail;
    },
  });
  const { status, body } = await reply(BroadcastDetail, 'POST', '/broadcast', order);
  expect([status, body]).toEqual([202, broadcastDetail]);
  await reply(BroadcastDetail, 'POST', '/broadcast', { ...order, to: { group: 'lab' }, priority: 'low' });
  const filled = { ...order, priority: 'normal', ttlMs: 120_000 };
  expect(asked).toEqual([
    [filled, {}],
    [{ ...filled, priority: 'low' }, { group: 'lab' }],
  ]);
});

test('who waits gets all the ends', async () => {
  const ended = { ...broadcastDetail, summary: { ...broadcastDetail.summary, completed: 1, open: 0 } };
  const { reply } = broadcasts({ broadcast: async () => ended });
  const { status, body } = await reply(BroadcastDetail, 'POST', '/broadcast?wait=true', order);
  expect([status, body.summary.completed]).toEqual([200, 1]);
});

const accept = { accept: 'text/event-stream' };
const updates: BroadcastUpdate[] = [
  ...[{ type: 'sent' as const, broadcastId: BROADCAST, directives: [{ directiveId: DIRECTIVE, nodeId: OTHER }] }].map(
    (sent) => ({ ...sent, skipped: [] }),
  ),
  { type: 'update', nodeId: OTHER, update: { type: 'status', directiveId: DIRECTIVE, status: 'running' } },
  { type: 'ended', summary: { ...broadcastDetail.summary, completed: 1, open: 0 } },
];

test('a stream tells whom it asked, what each says, and how it went', async () => {
  const { call } = broadcasts({
    async *broadcastStream() {
      yield* updates;
    },
  });
  const response = await call('POST', '/broadcast', order, accept);
  expect((await response.text()).trim().split('\n\n')).toEqual(
    updates.map((update) => `event: ${update.type}\ndata: ${JSON.stringify(update)}`),
  );
});

test('a broadcast that cannot begin is an ordinary error, streamed or not', async () => {
  const stopped = () => new SwarmError('NODE_STOPPED', 'this node has stopped');
  const { call, refusal } = broadcasts({
    submitBroadcast: async () => {
      throw stopped();
    },
    // biome-ignore lint/correctness/useYield: it fails before its first word
    async *broadcastStream() {
      throw stopped();
    },
  });
  expect(await refusal('POST', '/broadcast', order)).toMatchObject({ status: 503, reason: 'node_stopped' });
  expect((await call('POST', '/broadcast', order, accept)).status).toBe(503);
});

test('a broadcast is told by its id', async () => {
  const getBroadcast: BroadcastDesk['getBroadcast'] = async (id) => (id === BROADCAST ? broadcastDetail : undefined);
  const { reply, refusal } = broadcasts({ getBroadcast });
  expect((await reply(BroadcastDetail, 'GET', `/broadcast/${BROADCAST}`)).body).toEqual(broadcastDetail);
  expect(await refusal('GET', `/broadcast/${DIRECTIVE}`)).toMatchObject({ status: 404, reason: 'broadcast_not_found' });
});

test.each<[string, string, unknown, string]>([
  ['POST', '', {}, 'kind'],
  ['POST', '', { ...order, kind: 'explode' }, 'kind'],
  ['POST', '', { ...order, target: OTHER }, 'target is not a known key'],
  ['POST', '', { ...order, to: { colour: 'red' } }, 'to.colour is not a known key'],
  ['POST', '', { ...order, to: OTHER }, 'to: expected an object'],
  ['POST', '', { ...order, to: { tier: 'admin' } }, 'to.tier: expected one of root, sudo, unprivileged'],
  ['POST', '?wait=1', order, 'wait: expected one of true, false'],
  ['GET', '/7', undefined, 'id: a broadcast id is a UUID'],
  ['GET', `/${BROADCAST}?wait=true`, undefined, 'wait is not a known key'],
])('%s /broadcast%s with %j is refused', async (method, path, body, message) => {
  const refused = await broadcasts().refusal(method, `/broadcast${path}`, body);
  expect(refused).toMatchObject({ status: 400, reason: 'invalid_argument' });
  expect(refused.message).toContain(message);
});
