/** `Last-Event-ID` over JSON-RPC: what a reader who comes back is told, and what he cannot be told. */
import { describe, expect, test } from 'vitest';
import { decodeSse } from '../json-rpc/sse.ts';
import { createInMemoryTaskStore } from '../tasks/in-memory-task-store.ts';
import { GAP_KEY } from '../tasks/streamed-event.ts';
import { collect } from '../testing/collect.ts';
import { callMethod } from '../testing/rpc.ts';
import { textMessage } from '../testing/test-agent.ts';
import { createA2AServer } from './server.ts';

/** Of each task three events are kept. It makes six, and goes on when it is told to. */
function create() {
  let proceed = () => {};
  const told = new Promise<void>((resolve) => {
    proceed = resolve;
  });
  const server = createA2AServer({
    card: { name: 'Forgets' },
    taskStore: createInMemoryTaskStore({ maxEvents: 3 }),
    limits: { feedEvents: 1 },
    async *executor() {
      for (const text of ['1', '2', '3', '4', '5']) yield { artifact: { artifactId: text, parts: [{ text }] } };
      await told;
      yield { artifact: { artifactId: '6', parts: [{ text: '6' }] } };
    },
  });
  /** The events from behind number `after` on, as they come. */
  async function* follow(id: string, after: number) {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'SubscribeToTask', params: { id } });
    const reply = await server.app.request('/a2a', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'a2a-version': '1.0', 'last-event-id': `${id}/${after}` },
      body,
    });
    if (!reply.body) throw new Error('a stream was expected');
    for await (const item of decodeSse(reply.body, { maxEventChars: 100_000 })) {
      if (item.type === 'event') yield { seq: Number(item.id?.split('/').at(-1)), event: JSON.parse(item.data).result };
    }
  }
  const begin = async (): Promise<string> => {
    const params = { ...textMessage('hi'), configuration: { returnImmediately: true } };
    const { body } = await callMethod(server, 'SendMessage', params);
    return Object(body).result.task.id;
  };
  return { server, follow, begin, proceed };
}

describe('where events are no longer kept', () => {
  test.each([0, 1, 2])('who knew %i of six is told the task as it stands, and goes on behind that', async (after) => {
    const { server, follow, begin, proceed } = create();
    const events = follow(await begin(), after);
    const first = (await events.next()).value;
    expect(first?.seq).toBe(6);
    // It stands for everything up to itself, which is the place to come back to: what comes next is 7.
    expect(first?.event.task.metadata).toEqual({ [GAP_KEY]: { after, before: 7 } });
    expect(first?.event.task.artifacts).toHaveLength(5);
    proceed();
    const rest = await collect(events);
    expect(rest.map(({ seq }) => seq)).toEqual([7, 8]);
    expect(rest.map(({ event }) => Object.keys(event)[0])).toEqual(['artifactUpdate', 'statusUpdate']);
    await server.close();
  });

  test.each([3, 4, 5])('who knew %i of six misses nothing, and hears of no gap', async (after) => {
    const { server, follow, begin, proceed } = create();
    const events = follow(await begin(), after);
    const first = await events.next();
    proceed();
    const all = [first.value, ...(await collect(events))];
    expect(all.map((each) => each?.seq)).toEqual([4, 5, 6, 7, 8].slice(after - 3));
    expect(JSON.stringify(all)).not.toContain(GAP_KEY);
    await server.close();
  });

  test('who came back in the middle and again is told of no gap twice', async () => {
    const { server, follow, begin, proceed } = create();
    const id = await begin();
    const first = follow(id, 1);
    const { value } = await first.next();
    await first.return(undefined);
    proceed();
    const rest = await collect(follow(id, value?.seq ?? 0));
    expect(rest.map(({ seq }) => seq)).toEqual([7, 8]);
    expect(JSON.stringify(rest)).not.toContain(GAP_KEY);
    await server.close();
  });
});
