import { randomUUID } from 'node:crypto';
import type { NewPushConfig, PushConfigStore } from '@skein/a2a-transport';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CreateA2ASubject } from '../a2a-subject.ts';

function newConfig(own: Partial<NewPushConfig> = {}): NewPushConfig {
  const { taskId = randomUUID(), id = randomUUID() } = own;
  const authentication = { scheme: 'Bearer', credentials: 'secret \\ "\0' };
  return {
    ...{ owner: 'alice', taskId, id, protocolVersion: '1.0', after: 3 },
    config: {
      id,
      taskId,
      url: 'https://receiver.example/hook',
      token: 'a\0b',
      authentication,
      extra: { '42': [null] },
    },
    ...own,
  };
}

const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id);

/** Everything in it, page by page. */
async function allUnfinished(store: PushConfigStore, limit: number) {
  const told = [];
  for (;;) {
    const last = told.at(-1);
    const page = await store.unfinished(last && { taskId: last.taskId, id: last.id }, limit);
    told.push(...page);
    if (page.length < limit) return told;
  }
}

export function pushConfigStoreSuite(name: string, createSubject: CreateA2ASubject): void {
  describe(`push configuration store on ${name}`, () => {
    test('a configuration comes back as it was put, credentials and all', async () => {
      await using subject = await createSubject();
      const { pushConfigs: store } = subject;
      const { after, ...config } = newConfig({ protocolVersion: '0.3', id: 'i\0\\"\x1e😀', taskId: 't\0' });
      const put = await store.put({ ...config, after });
      expect(put).toEqual({ ...config, version: put.version, delivered: after, failures: 0, state: 'active' });
      expect(await store.find('alice', config.taskId, config.id)).toEqual(put);
      expect(await store.list('alice', config.taskId, { limit: 10 })).toEqual([put]);
      expect(await store.unfinished(undefined, 10)).toEqual([put]);
    });

    test('the configurations of a task are listed by rising id, on pages that follow each other', async () => {
      await using subject = await createSubject();
      const { pushConfigs: store } = subject;
      const ids = ['B', 'a', 'Z', 'b', '10', '9', 'ä', '_'];
      for (const id of ids) await store.put(newConfig({ taskId: 'task', id }));
      await store.put(newConfig());
      const sorted = ids.toSorted();
      expect(idsOf(await store.list('alice', 'task', { limit: 100 }))).toEqual(sorted);
      for (const [n, afterId] of sorted.entries())
        expect(idsOf(await store.list('alice', 'task', { afterId, limit: 3 }))).toEqual(sorted.slice(n + 1, n + 4));
    });

    test('what is removed is gone, and may be removed again', async () => {
      await using subject = await createSubject();
      const { pushConfigs: store } = subject;
      const [one, other] = [newConfig({ taskId: 'task' }), newConfig({ taskId: 'task' })];
      const [put] = [await store.put(one), await store.put(other)];
      for (let times = 0; times < 2; times += 1) await store.remove('alice', 'task', one.id);
      expect(await store.find('alice', 'task', one.id)).toBeUndefined();
      expect(idsOf(await store.list('alice', 'task', { limit: 10 }))).toEqual([other.id]);
      await store.delivered(put, 5, false);
      await store.failed(put, { reason: 'gone', disable: true });
      expect(idsOf(await store.unfinished(undefined, 10))).toEqual([other.id]);
      const again = await store.put(one);
      expect(again.version).not.toBe(put.version);
      await store.delivered(put, 9, true);
      expect(await store.find('alice', 'task', one.id)).toEqual(again);
    });

    test('deliveries go forward, failures are counted in a row, and an end is an end', async () => {
      await using subject = await createSubject();
      const { pushConfigs: store } = subject;
      const put = await store.put(newConfig());
      const found = () => store.find('alice', put.taskId, put.id);
      await store.failed(put, { reason: '500 of it', disable: false });
      await store.failed(put, { reason: 'no\0 answer', disable: false });
      expect(await found()).toEqual({ ...put, failures: 2, lastFailure: 'no\0 answer' });
      await store.delivered(put, 7, false);
      expect(await found()).toEqual({ ...put, delivered: 7 });
      await store.delivered(put, 5, false);
      expect(await found()).toEqual({ ...put, delivered: 7 });
      await store.failed(put, { reason: 'gone', disable: true });
      const disabled = { ...put, delivered: 7, failures: 1, lastFailure: 'gone', state: 'disabled' };
      expect(await found()).toEqual(disabled);
      expect(await store.unfinished(undefined, 10)).toEqual([]);
      await store.delivered(put, 8, true);
      expect(await found()).toEqual(disabled);
      const again = await store.put(newConfig({ taskId: put.taskId, id: put.id, after: 9 }));
      expect(again).toMatchObject({ delivered: 9, failures: 0, state: 'active' });
      await store.delivered(again, 10, true);
      expect(await found()).toMatchObject({ delivered: 10, state: 'done' });
      expect(await store.unfinished(undefined, 10)).toEqual([]);
    });

    test('who holds a configuration that was replaced changes nothing', async () => {
      await using subject = await createSubject();
      const { pushConfigs: store } = subject;
      const first = await store.put(newConfig());
      const second = await store.put(newConfig({ taskId: first.taskId, id: first.id, after: 0 }));
      expect(await store.list('alice', first.taskId, { limit: 10 })).toEqual([second]);
      await store.delivered(first, 100, true);
      await store.failed(first, { reason: 'old', disable: true });
      expect(await store.find('alice', first.taskId, first.id)).toEqual(second);
    });

    test.each(['', 'bob', 'Alice', 'alice\0'])(
      'to %j the configuration of alice is as an unknown one',
      async (other) => {
        await using subject = await createSubject();
        const { pushConfigs: store } = subject;
        const put = await store.put(newConfig());
        expect(await store.find(other, put.taskId, put.id)).toBeUndefined();
        expect(await store.list(other, put.taskId, { limit: 10 })).toEqual([]);
        await store.remove(other, put.taskId, put.id);
        await store.put(newConfig({ owner: other, taskId: put.taskId, id: put.id }));
        await store.remove(other, put.taskId, put.id);
        expect(await store.find('alice', put.taskId, put.id)).toEqual(put);
      },
    );

    test('a new start finds all that goes on, page by page, and nothing else', async () => {
      await using subject = await createSubject();
      const { pushConfigs: store } = subject;
      const going = [];
      for (let n = 0; n < 30; n += 1) {
        const put = await store.put(
          newConfig({ taskId: `task ${n % 7}`, id: `${n}`, owner: ['alice', ''][n % 2] ?? '' }),
        );
        if (n % 5 === 0) await store.delivered(put, 4, true);
        else if (n % 5 === 1) await store.failed(put, { reason: 'no', disable: true });
        else going.push(put);
      }
      const order = ({ taskId, id }: { taskId: string; id: string }) => `${taskId}/${id}`;
      for (const limit of [1, 4, 100])
        expect(await allUnfinished(store, limit)).toEqual(
          going.toSorted((a, b) => Number(order(a) > order(b)) - Number(order(a) < order(b))),
        );
    });

    test('of deliveries noted at once none is lost, and none goes backwards', async () => {
      await using subject = await createSubject();
      const { pushConfigs: store } = subject;
      const notes = fc.array(fc.record({ config: fc.nat(3), seq: fc.integer({ min: 1, max: 50 }) }), { maxLength: 30 });
      await fc.assert(
        fc.asyncProperty(notes, async (all) => {
          const puts = await Promise.all([0, 1, 2, 3].map(() => store.put(newConfig({ after: 0 }))));
          await Promise.all(
            all.map(async ({ config, seq }) => {
              const put = puts[config];
              if (put) await store.delivered(put, seq, false);
            }),
          );
          for (const [n, put] of puts.entries()) {
            const furthest = Math.max(0, ...all.filter(({ config }) => config === n).map(({ seq }) => seq));
            expect((await store.find('alice', put.taskId, put.id))?.delivered).toBe(furthest);
          }
        }),
        { numRuns: 20 },
      );
    });
  });
}
