/** Commands that wait: what they say while they do, what a Ctrl-C leaves behind, and how they end. */
import { AcknowledgeMailBody, type DirectiveUpdate, type EligibilityView, type Mail } from '@skein/contracts';
import { describe, expect, test } from 'vitest';
import {
  type Asked,
  completed,
  detail,
  ID,
  nodeView,
  ONE,
  type Reply,
  skein,
  stream,
  TWO,
} from './testing/fake-node.ts';
import { AGENT, AT, agent, decided } from './testing/samples.ts';

const running = stream({ type: 'status', status: 'running' });
const ended = (status: 'cancelled' | 'completed') =>
  stream({ type: 'result', result: { ...completed, status, output: null } });
const away = { body: { nodes: [nodeView(ONE, 'node-1'), { ...nodeView(TWO, 'north4'), status: 'offline' }] } };

/** Resolves when the route was asked for. */
const until = (route: string) => async (asked: readonly Asked[]) => {
  while (!asked.some((each) => each.route === route)) await new Promise((resolve) => setImmediate(resolve));
};

describe('a Ctrl-C', () => {
  test.each([
    ['spawn', 'POST /agents', ['spawn', 'indexer', 'go', '--to', 'node-2', '--wait'], "the agent's end"],
    ['dispatch', 'POST /directives', ['dispatch', '--to', 'node-2', 'cat'], 'its end'],
  ])('in %s asks for the end and tells of it', async (_name, route, line, what) => {
    const cancelled = `POST /directives/${ID}/cancel`;
    const { code, err, asked } = await skein(
      line,
      { [route]: { body: running, hangs: until(cancelled), atLast: ended('cancelled') } },
      { interruptAt: route },
    );
    expect(code).toBe(130);
    expect(asked.map((each) => each.route)).toContain(cancelled);
    expect(err).toContain(`asking for ${what}; Ctrl-C again`);
    expect(err).toContain('skein: cancelled');
  });

  const never = () => new Promise<void>(() => {});
  test.each<[string, string, string[], string, Reply]>([
    [
      'send',
      'POST /directives',
      ['send', 'session:a', 'hi', '--to', 'node-2'],
      'skein directives',
      { body: '', hangs: never },
    ],
    [
      'sync',
      'POST /state/memory/sync',
      ['state', 'sync', 'memory', '--with', 'node-2'],
      'skein directives',
      { body: '', hangs: never },
    ],
    [
      'drain',
      `POST /nodes/${TWO}/drain`,
      ['drain', 'node-2', '--wait'],
      'skein nodes node-2',
      { body: '', hangs: never },
    ],
    [
      'broadcast',
      'POST /broadcast',
      ['broadcast', '--kind', 'query_resources'],
      'skein directives',
      { body: '', hangs: never },
    ],
  ])(
    'in %s says what goes on and where to see it, as JSON to whoever asked for it',
    async (_name, route, line, see, reply) => {
      const plain = await skein(line, { [route]: reply }, { interruptAt: route });
      expect(plain).toMatchObject({ code: 130, out: '', err: expect.stringMatching(/^skein: left/) });
      expect(plain.err).toContain(see);
      expect(plain.asked.map((each) => each.route)).not.toContain(`POST /directives/${ID}/cancel`);
      const json = await skein([...line, '--json'], { [route]: reply }, { interruptAt: route });
      expect([json.code, json.out, JSON.parse(json.err).error.reason]).toEqual([130, '', 'interrupted']);
    },
  );
});

test.each([
  ['send', 'POST /directives', ['send', 'session:a', 'hi', '--to', 'north4']],
  ['dispatch', 'POST /directives', ['dispatch', '--to', 'north4', 'cat']],
  ['spawn', 'POST /agents', ['spawn', 'indexer', 'go', '--to', 'north4']],
  ['sync', 'POST /state/memory/sync', ['state', 'sync', 'memory', '--with', 'north4']],
])('%s to a node that is away says whom it waits for', async (_name, route, line) => {
  const replies = { 'GET /nodes': away, [route]: { body: route.includes('state') ? synced : ended('completed') } };
  expect((await skein(line, replies)).err).toContain('waiting for north4, which is offline\n');
  expect((await skein([...line.slice(0, 1), '--json', ...line.slice(1)], replies)).err).not.toContain('waiting');
});
const synced = { sent: 0, received: 0, refused: [] };

test('send takes a time to live, and need not be waited for', async () => {
  const line = ['send', 'session:a', 'hi', '--to', 'node-2', '--ttl', '30s', '--no-wait'];
  const { code, out, asked } = await skein(line, { 'POST /directives': { body: { directive: detail.directive } } });
  expect({ code, out }).toEqual({ code: 0, out: `${ID}\n` });
  expect(asked.at(-1)?.body).toMatchObject({ kind: 'forward_message', ttlMs: 30_000 });
});

test('a message goes to the agent that the list shows, by the beginning of its id', async () => {
  const agents = { body: { agents: [{ agent: agent(), pid: null }] } };
  const replies = { 'GET /agents': agents, 'POST /directives': { body: ended('completed') } };
  const { asked } = await skein(['send', `agent:${AGENT.slice(0, 8)}`, 'hi', '--to', 'node-2'], replies);
  expect(asked.at(-1)?.body).toMatchObject({ payload: { to: { agent: AGENT } } });
});

test('a node that stops in the middle of a spawn is told with what goes on', async () => {
  const error = { error: { reason: 'node_stopped', message: 'it stops' } };
  const body = `${running}event: error\ndata: ${JSON.stringify(error)}\n\n`;
  const { code, err } = await skein(['spawn', 'indexer', 'go', '--to', 'node-2'], { 'POST /agents': { body } });
  expect({ code, err }).toEqual({ code: 3, err: `skein: it stops. It goes on; see 'skein show ${ID}'\n` });
});

test.each<[string, EligibilityView, number, string]>([
  ['drained', decided('drained', { fate: { finished: 2, interrupted: 3, waiting: 1 } }), 0, ''],
  ['still draining', decided('draining', { running: 1 }), 1, 'is not drained: its time is over'],
  ['undrained', decided('eligible'), 1, 'somebody undid the drain'],
  ['away', decided('draining', { applied: 'here', running: null }), 3, 'it does not answer'],
])('who waited for a drain and finds the node %s ends so', async (_name, body, code, words) => {
  const drained = await skein(['drain', 'node-2', '--wait'], { [`POST /nodes/${TWO}/drain`]: { body } });
  expect(drained.code).toBe(code);
  expect(drained.err).toContain(words);
  if (body.fate) expect(drained.out).toBe('node-2 is drained; 2 finished, 3 interrupted, 1 waits\n');
  const json = await skein(['drain', 'node-2', '--wait', '--json'], { [`POST /nodes/${TWO}/drain`]: { body } });
  expect({ code: json.code, view: JSON.parse(json.out), err: json.err }).toEqual({ code, view: body, err: '' });
});

describe('a mailbox of 1,200 messages', () => {
  const idOf = (number: number) => `${String(number).padStart(8, '0')}-1111-4222-8333-944455556666`;
  const mailOf = (sequence: number) => ({
    ...{ id: idOf(sequence) as Mail['id'], recipient: { session: 's' }, contextId: null, sequence, receivedAt: AT },
    message: { messageId: 'm', role: 'ROLE_USER', parts: [{ text: 'x' }] },
    ...{ provenance: { origin: 'local', sourceNodeId: ONE, directiveId: null }, acknowledgedAt: null },
  });
  const box: Record<string, Reply> = {
    'GET /mailboxes/session/s': (query) => {
      const after = Number(query.get('after') ?? 0);
      const left = Math.min(Number(query.get('limit')), 1_200 - after);
      return { body: { mail: Array.from({ length: left }, (_, index) => mailOf(after + index + 1)) } };
    },
    'POST /mailboxes/session/s/acknowledge': (_query, asked) => {
      const { ids } = AcknowledgeMailBody.parse(asked.at(-1)?.body);
      return { body: { acknowledged: ids, missing: [] } };
    },
  };

  test('is acknowledged to its end', async () => {
    const { out, asked } = await skein(['ack', 'session:s', '--all'], box);
    expect(out).toBe('1200 acknowledged\n');
    const sent = asked
      .filter(({ route }) => route.startsWith('POST'))
      .map(({ body }) => AcknowledgeMailBody.parse(body).ids);
    expect(sent.map(({ length }) => length)).toEqual([500, 500, 200]);
  });

  test('is searched to its end for the beginning of an id', async () => {
    const { asked } = await skein(['ack', 'session:s', '00001199'], box);
    expect(asked.at(-1)?.body).toEqual({ ids: [idOf(1_199)] });
  });

  test('that is empty is told as JSON to whoever asked for it', async () => {
    const { code, out, err } = await skein(['ack', 'session:s', '--all', '--json'], {
      'GET /mailboxes/session/s': { body: { mail: [] } },
    });
    expect({ code, err, reply: JSON.parse(out) }).toEqual({
      code: 0,
      err: '',
      reply: { acknowledged: [], missing: [] },
    });
  });
});

describe('a broadcast', () => {
  const summary = { broadcastId: ID, total: 0, completed: 0, failed: 0, open: 0, skipped: [] };
  const over = (more: object) => ({
    'POST /broadcast': {
      body: `event: ended\ndata: ${JSON.stringify({ type: 'ended', summary: { ...summary, ...more } })}\n\n`,
    },
  });
  const line = ['broadcast', '--kind', 'query_resources', '--group', 'nogroup'];
  const skipped = [{ nodeId: TWO, name: 'node-9', reason: 'kind_not_supported' }];

  test.each<[string, object, number, string]>([
    ['means nobody', {}, 4, 'nobody was asked: no other node is meant'],
    ['means only those that are left out', { skipped }, 4, 'node-9 kind not supported'],
    [
      'completed but for those that were left out',
      { total: 2, completed: 2, skipped },
      0,
      '2 of 2 completed, 1 left out',
    ],
    ['failed somewhere', { total: 2, completed: 1, failed: 1 }, 1, '1 of 2 completed, 1 not'],
  ])('that %s ends so', async (_name, more, code, words) => {
    const ending = await skein(line, over(more));
    expect(ending.code).toBe(code);
    expect(ending.err).toContain(words);
  });

  test('without an order says how to write one, not how to dispatch', async () => {
    const { code, err } = await skein(['broadcast']);
    expect(code).toBe(2);
    expect(err).toContain('skein broadcast -- program');
    expect(err).not.toContain('--to');
  });

  test('whose node stops in the middle says that it goes on', async () => {
    const sent = { type: 'sent', broadcastId: ID, directives: [], skipped: [] };
    const body = `event: sent\ndata: ${JSON.stringify(sent)}\n\n`;
    const { code, err } = await skein(line, { 'POST /broadcast': { body } });
    expect({ code, err }).toMatchObject({ code: 3, err: expect.stringContaining("goes on; see 'skein directives'") });
  });
});

test('a rejection is told in the voice of the node that a selector meant', async () => {
  const result = { ...completed, status: 'rejected' as const, error: { reason: 'r', message: 'this node has none' } };
  const update: Omit<Extract<DirectiveUpdate, { type: 'result' }>, 'directiveId'> = { type: 'result', result };
  const { err } = await skein(['spawn', 'nope', 'go', '--group', 'g'], { 'POST /agents': { body: stream(update) } });
  expect(err).toBe('skein: node-2 rejected it: this node has none (r)\n');
});
