import type { Artifact, Message, StreamResponse, Task } from '@skein/contracts/a2a';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readFirstEvents, writeFirstEvents } from './event-text.ts';

const ids = { taskId: 't', contextId: 'c' };
const said = (text: string): Message => ({ messageId: text, role: 'ROLE_USER', parts: [{ text }] });
const timestamp = '2026-01-01T00:00:00.000Z';

/** What an execution says, as the transport folds it: the same objects in the events and in the task. */
const artifacts = fc.record(
  {
    artifact: fc.record({
      artifactId: fc.constantFrom('a', 'b'),
      parts: fc.constant('made').map((text) => [{ text }]),
    }),
    append: fc.boolean(),
    lastChunk: fc.boolean(),
    metadata: fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 2 }),
  },
  { requiredKeys: ['artifact'] },
);
const steps = fc.record({
  artifacts: fc.array(artifacts, { maxLength: 4 }),
  metadata: fc.option(fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 2 }), { nil: undefined }),
  strange: fc.boolean(),
});

interface Step {
  artifacts: { artifact: Artifact; append?: boolean; lastChunk?: boolean; metadata?: Record<string, unknown> }[];
  metadata: Record<string, unknown> | undefined;
  /** Whether the task says something that no short form has a word for. */
  strange: boolean;
}

function folded({ artifacts: made, metadata, strange }: Step) {
  const message = said('one');
  const opening: Task = {
    id: 't',
    contextId: 'c',
    status: { state: 'TASK_STATE_SUBMITTED', timestamp },
    history: [message],
  };
  if (strange) opening.metadata = { own: true };
  const status = { state: 'TASK_STATE_COMPLETED' as const, timestamp };
  const updates = made.map((update): StreamResponse => ({ artifactUpdate: { ...ids, ...update } }));
  const end: StreamResponse = { statusUpdate: { ...ids, status, ...(metadata && { metadata }) } };
  // One that is appended to is another object in the task than in its events.
  const kept = made.map(({ artifact, append }) => (append ? { ...artifact, parts: [...artifact.parts] } : artifact));
  const task: Task = { ...opening, status, ...(kept.length > 0 && { artifacts: kept }) };
  return { events: [{ task: opening }, ...updates, end] as StreamResponse[], task };
}

const asJson = (value: unknown) => JSON.parse(JSON.stringify(value));

test('what was written is read again, whatever the events were', () => {
  fc.assert(
    fc.property(steps, (step) => {
      const { events, task } = folded(step);
      expect(readFirstEvents(writeFirstEvents(events, task), asJson(task))).toEqual(asJson(events));
    }),
  );
});

test('what the task says itself is not written twice', () => {
  const { events, task } = folded({
    artifacts: [{ artifact: { artifactId: 'a', parts: [{ text: 'made' }] } }],
    metadata: undefined,
    strange: false,
  });
  const written = writeFirstEvents(events, task);
  expect(written).not.toContain('made');
  expect(written).not.toContain('one');
  expect(written.length).toBeLessThan(JSON.stringify(events).length / 3);
});

test('events that were written as they are are read as they are', () => {
  const { events, task } = folded({ artifacts: [], metadata: undefined, strange: false });
  expect(readFirstEvents(JSON.stringify(events), task)).toEqual(events);
});

test('an event that points at nothing is a fault, and no event', () => {
  const { task } = folded({ artifacts: [], metadata: undefined, strange: false });
  expect(() => readFirstEvents('[["artifact",3]]', task)).toThrow('Task t has no artifact 3');
});

test('an event that says more than its kind has a word for is written whole', () => {
  const { events, task } = folded({ artifacts: [], metadata: undefined, strange: false });
  const strange = events.map((event) => Object.assign({ own: true }, event));
  expect(readFirstEvents(writeFirstEvents(strange, task), asJson(task))).toEqual(asJson(strange));
  const { contextId: _, ...nowhere } = task;
  expect(readFirstEvents(writeFirstEvents([{ task: nowhere }], nowhere), nowhere)).toEqual([{ task: nowhere }]);
});
