import { compareTasks, cursorOf, type TaskQuery, type TaskStep, type TaskStore } from '@skein/a2a-transport';
import type { Task, TaskState } from '@skein/contracts/a2a';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CreateA2ASubject } from '../a2a-subject.ts';
import { at, firstStep, newEvent, newEvents, newTask, numbersOf } from './a2a-samples.ts';

const conflict = { name: 'TaskStoreError', code: 'CONFLICT' };
/** Whoever is not `alice`, as careless comparisons would have them. */
const others = ['', 'bob', 'Alice', 'alice ', 'alice\0', '["alice"]'];

export function taskStoreSuite(name: string, createGiven: CreateA2ASubject): void {
  /** One that is done at once and one that takes its time, alike. */
  const createSubject: CreateA2ASubject = async (...options) => {
    const given = await createGiven(...options);
    const { tasks } = given;
    return { ...given, tasks: { ...tasks, commit: async (step) => tasks.commit(step) } };
  };

  describe(`task store on ${name}`, () => {
    test('a task and what happened to it come back as they were stored, step after step', async () => {
      await using subject = await createSubject();
      const { tasks } = subject;
      const task = newTask({ contextId: 'c\0\x1e\\', metadata: { '42': ['a\0b', null], text: '\ud800 😀 "\\' } });
      const first = [{ task }, newEvent(task.id, 'first')];
      await tasks.commit(firstStep(task, { events: first }));
      expect(await tasks.find('alice', task.id)).toEqual({ task, seq: 2 });
      const done: Task = { ...task, status: { state: 'TASK_STATE_COMPLETED', timestamp: at(1) } };
      const second = newEvents(task.id, 3, 'second');
      await tasks.commit({ owner: 'alice', task: done, after: 2, events: second, running: false });
      expect(await tasks.find('alice', task.id)).toEqual({ task: done, seq: 5 });
      const logged = await tasks.events('alice', task.id, 0, 100);
      expect(logged).toEqual([...first, ...second].map((event, index) => ({ seq: index + 1, event })));
      expect((await tasks.list('alice', { contextId: 'c\0\x1e\\', limit: 10 })).tasks).toEqual([done]);
    });

    test('a step is stored only where its task stands at the event before it', async () => {
      await using subject = await createSubject();
      const { tasks } = subject;
      const task = newTask();
      const later = (after: number, note: string): TaskStep => ({
        ...{ owner: 'alice', task: { ...task, metadata: { note } }, after },
        ...{ events: newEvents(task.id, 2, note), running: true },
      });
      await expect(tasks.commit(later(1, 'of no task'))).rejects.toMatchObject(conflict);
      expect(await tasks.find('alice', task.id)).toBeUndefined();
      await tasks.commit(firstStep(task));
      for (const after of [0, 2, 3])
        await expect(tasks.commit(later(after, `after ${after}`))).rejects.toMatchObject(conflict);
      expect(await tasks.find('alice', task.id)).toEqual({ task, seq: 1 });
      await tasks.commit(later(1, 'right'));
      await expect(tasks.commit(later(1, 'too late'))).rejects.toMatchObject(conflict);
      expect(await tasks.find('alice', task.id)).toMatchObject({ task: { metadata: { note: 'right' } }, seq: 3 });
      expect(await numbersOf(tasks, 'alice', task.id)).toEqual([1, 2, 3]);
    });

    test('a step without events changes the task alone', async () => {
      await using subject = await createSubject();
      const { tasks } = subject;
      const task = newTask();
      await tasks.commit(firstStep(task));
      expect(await tasks.running(10)).toEqual([{ owner: 'alice', task, seq: 1 }]);
      await tasks.commit({ owner: 'alice', task, after: 1, events: [], running: false });
      expect(await tasks.running(10)).toEqual([]);
      expect(await tasks.find('alice', task.id)).toEqual({ task, seq: 1 });
      expect(await numbersOf(tasks, 'alice', task.id)).toEqual([1]);
    });

    test.each(others)('to %j the task of alice is as an unknown one, in every method', async (other) => {
      await using subject = await createSubject();
      const { tasks } = subject;
      const task = newTask();
      await tasks.commit(firstStep(task));
      const before = [await tasks.find('alice', task.id), await tasks.events('alice', task.id, 0, 10)];
      expect(await tasks.find(other, task.id)).toBeUndefined();
      expect(await tasks.events(other, task.id, 0, 10)).toEqual([]);
      expect(await tasks.list(other, { limit: 10 })).toEqual({ tasks: [], total: 0, more: false });
      expect(await tasks.list(other, { contextId: 'context', limit: 10 })).toMatchObject({ tasks: [], total: 0 });
      const own = newTask({ id: task.id });
      await expect(tasks.commit(firstStep(own, { owner: other }))).rejects.toMatchObject(conflict);
      const step = { owner: other, task: own, after: 1, events: newEvents(task.id, 1), running: false };
      await expect(tasks.commit(step)).rejects.toMatchObject(conflict);
      await expect(tasks.commit({ ...step, events: [] })).rejects.toMatchObject(conflict);
      expect([await tasks.find('alice', task.id), await tasks.events('alice', task.id, 0, 10)]).toEqual(before);
      expect(await tasks.running(10)).toMatchObject([{ owner: 'alice' }]);
    });

    test('owners see what a store of their own would show them', async () => {
      await using subject = await createSubject();
      const { tasks } = subject;
      const owners = ['', 'alice', 'bob'];
      for (let n = 0; n < 12; n += 1)
        await tasks.commit(firstStep(newTask({}, 'TASK_STATE_WORKING', n), { owner: owners[n % 3] ?? '' }));
      const running = await tasks.running(100);
      expect(running).toHaveLength(12);
      for (const owner of owners) {
        const own = running.filter((one) => one.owner === owner).map(({ task }) => task.id);
        const { tasks: listed, total } = await tasks.list(owner, { limit: 100 });
        expect(listed.map(({ id }) => id).toSorted()).toEqual(own.toSorted());
        expect(total).toBe(4);
      }
    });

    test('events are read from any number on, in any portion, without holes', async () => {
      await using subject = await createSubject();
      const { tasks } = subject;
      let run = 0;
      const sizes = fc.array(fc.nat(4), { minLength: 1, maxLength: 8 });
      await fc.assert(
        fc.asyncProperty(sizes, fc.nat(40), fc.integer({ min: 1, max: 40 }), async (steps, after, limit) => {
          run += 1;
          const task = newTask({ contextId: `${run}` });
          let seq = 0;
          for (const [n, size] of [1, ...steps].entries()) {
            const events = newEvents(task.id, size, `${n}`);
            await tasks.commit({ owner: 'alice', task, after: seq, events, running: true });
            seq += size;
          }
          const all = Array.from({ length: seq }, (_, n) => n + 1);
          expect(await numbersOf(tasks, 'alice', task.id, after, limit)).toEqual(all.slice(after, after + limit));
        }),
        { numRuns: 30 },
      );
    });

    test('of a long log the newest events are kept, and a reader sees that others are gone', async () => {
      await using subject = await createSubject({ maxEvents: 100 });
      const { tasks } = subject;
      const task = newTask();
      await tasks.commit(firstStep(task, { events: newEvents(task.id, 5) }));
      for (let seq = 5; seq < 305; seq += 3)
        await tasks.commit({ owner: 'alice', task, after: seq, events: newEvents(task.id, 3), running: true });
      const kept = await numbersOf(tasks, 'alice', task.id);
      expect(kept.at(-1)).toBe(305);
      expect(kept.length).toBeGreaterThanOrEqual(100);
      expect(kept.length).toBeLessThanOrEqual(115);
      const first = 306 - kept.length;
      expect(kept).toEqual(kept.map((_, n) => first + n));
      expect(await numbersOf(tasks, 'alice', task.id, 1, 7)).toEqual(kept.slice(0, 7));
      expect(await numbersOf(tasks, 'alice', task.id, 300, 3)).toEqual([301, 302, 303]);
      expect(await numbersOf(tasks, 'alice', task.id, 305)).toEqual([]);
    });

    test('those that run are told with their owners, at most so many', async () => {
      await using subject = await createSubject();
      const { tasks } = subject;
      const all = Array.from({ length: 5 }, () => newTask());
      for (const task of all) await tasks.commit(firstStep(task, { running: task !== all[0] }));
      const ended = newTask({ id: all[1]?.id ?? '' }, 'TASK_STATE_COMPLETED');
      await tasks.commit({ owner: 'alice', task: ended, after: 1, events: newEvents(ended.id, 1), running: false });
      const running = await tasks.running(10);
      expect(running.map(({ task }) => task.id).toSorted()).toEqual(
        all
          .slice(2)
          .map(({ id }) => id)
          .toSorted(),
      );
      expect(await tasks.running(2)).toHaveLength(2);
    });

    listing(createSubject);
    racing(createSubject);
  });
}

function listing(createSubject: CreateA2ASubject): void {
  const states: TaskState[] = ['TASK_STATE_WORKING', 'TASK_STATE_COMPLETED', 'TASK_STATE_INPUT_REQUIRED'];

  test('a list holds what matches, newest status first, on pages that follow each other', async () => {
    await using subject = await createSubject();
    const { tasks } = subject;
    const all: Task[] = [];
    for (let n = 0; n < 40; n += 1) {
      const contextId = ['a', 'b', ''][n % 3];
      const { contextId: _, ...bare } = newTask({}, states[n % 4 === 3 ? 0 : n % 4], n % 7);
      const task: Task = n % 5 === 4 ? bare : { ...bare, ...(contextId !== undefined && { contextId }) };
      all.push(n === 11 ? { id: task.id, status: { state: task.status.state } } : task);
    }
    await Promise.all(all.map((task) => tasks.commit(firstStep(task))));
    const query = fc.record(
      {
        contextId: fc.constantFrom('a', 'b', '', 'unknown'),
        state: fc.constantFrom(...states),
        since: fc.integer({ min: 0, max: 8 }).map(at),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(query, fc.integer({ min: 1, max: 45 }), async (which, limit) => {
        const expected = all
          .filter(({ contextId }) => which.contextId === undefined || contextId === which.contextId)
          .filter(({ status }) => which.state === undefined || status.state === which.state)
          .filter(({ status }) => which.since === undefined || (status.timestamp ?? '') >= which.since)
          .sort((a, b) => compareTasks(cursorOf(a), cursorOf(b)));
        expect(await allPages(tasks, { ...which, limit }, expected.length)).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  test('a task whose status changed moves to the front', async () => {
    await using subject = await createSubject();
    const { tasks } = subject;
    const [one, two] = [newTask({}, 'TASK_STATE_WORKING', 1), newTask({}, 'TASK_STATE_WORKING', 2)];
    for (const task of [one, two]) await tasks.commit(firstStep(task));
    const listed = async () => (await tasks.list('alice', { limit: 10 })).tasks.map(({ id }) => id);
    expect(await listed()).toEqual([two.id, one.id]);
    const moved = newTask({ id: one.id }, 'TASK_STATE_COMPLETED', 3);
    await tasks.commit({ owner: 'alice', task: moved, after: 1, events: newEvents(one.id, 1), running: false });
    expect(await listed()).toEqual([one.id, two.id]);
  });
}

/** Every page, one after the other; each says how many match in all. */
async function allPages(tasks: TaskStore, query: TaskQuery, total: number): Promise<Task[]> {
  const told: Task[] = [];
  for (;;) {
    const last = told.at(-1);
    const page = await tasks.list('alice', { ...query, ...(last && { after: cursorOf(last) }) });
    expect(page.total).toBe(total);
    told.push(...page.tasks);
    expect(page.more).toBe(told.length < total);
    if (!page.more) return told;
    expect(page.tasks).toHaveLength(query.limit);
  }
}

/** One step of one of a few tasks, as a racing writer would believe it to stand. */
const racingStep = fc.record({
  task: fc.nat(3),
  after: fc.nat(5),
  count: fc.nat(3),
  owner: fc.constantFrom('alice', 'bob'),
});

function racing(createSubject: CreateA2ASubject): void {
  test('of steps that come at once, in any order, exactly those are stored that follow on each other', async () => {
    await using subject = await createSubject();
    const { tasks } = subject;
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(racingStep, { minLength: 1, maxLength: 24 }), async (steps) => {
        run += 1;
        const outcomes = await Promise.all(
          steps.map(async ({ task: n, after, count, owner }, index) => {
            const task = newTask({ id: `${run}.${n}`, metadata: { index } });
            const events = newEvents(task.id, count, `${run}.${index}`);
            const step = { owner, task, after, events, running: true };
            const stored = await Promise.resolve(tasks.commit(step)).then(
              () => true,
              (cause) => {
                expect(cause).toMatchObject(conflict);
                return false;
              },
            );
            return { task, after, count, owner, stored, events, index };
          }),
        );
        for (const n of [0, 1, 2, 3]) {
          // What comes for one task comes in order: the first that fits is stored, whatever happens to the others.
          const ofTask = outcomes.filter(({ task }) => task.id === `${run}.${n}`);
          let stands: { owner: string; seq: number; index: number } | undefined;
          const log: unknown[] = [];
          for (const { after, count, owner, stored, events, index } of ofTask) {
            const fits = (stands?.seq ?? 0) === after && (stands?.owner ?? owner) === owner;
            expect(stored).toBe(fits);
            if (!fits) continue;
            stands = { owner, seq: after + count, index };
            log.push(...events);
          }
          for (const owner of ['alice', 'bob']) {
            const isOwner = stands?.owner === owner;
            const found = await tasks.find(owner, `${run}.${n}`);
            expect(found && [found.seq, found.task.metadata]).toEqual(
              isOwner ? [stands?.seq, { index: stands?.index }] : undefined,
            );
            const events = await tasks.events(owner, `${run}.${n}`, 0, 1_000);
            expect(events).toEqual(isOwner ? log.map((event, index) => ({ seq: index + 1, event })) : []);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  test('of a hundred first steps at once each is stored, and of a hundred for one place one', async () => {
    await using subject = await createSubject();
    const { tasks } = subject;
    const all = Array.from({ length: 100 }, (_, n) => newTask({ metadata: { n } }));
    await Promise.all(all.map((task) => tasks.commit(firstStep(task))));
    expect((await tasks.list('alice', { limit: 1 })).total).toBe(100);
    const [one] = all;
    const attempts = await Promise.allSettled(
      all.map(({ metadata }, n) => {
        const task = newTask({ id: one?.id ?? '', ...(metadata && { metadata }) });
        return tasks.commit({ owner: 'alice', task, after: 1, events: newEvents(task.id, 1, `${n}`), running: true });
      }),
    );
    expect(attempts.map(({ status }) => status)).toEqual(all.map((_, n) => (n === 0 ? 'fulfilled' : 'rejected')));
    expect(await numbersOf(tasks, 'alice', one?.id ?? '')).toEqual([1, 2]);
  });
}
