import {
  type Artifact,
  type Message,
  type Part,
  SendMessageParams,
  StreamResponse,
  type Task,
  TaskPushNotificationConfig,
  TaskState,
  type TaskStatus,
} from '@skein/contracts/a2a';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { A2AClientError, A2AError } from '../../errors.ts';
import type { OperationName } from '../../operations/operation.ts';
import { v03Dialect } from './dialect.ts';

const { server, client } = v03Dialect;

const key = fc.string({ minLength: 1, maxLength: 8 }).filter((name) => name !== '__proto__');
const id = fc.string({ minLength: 1, maxLength: 8 });
const json = fc.jsonValue({ maxDepth: 2 });
const metadata = fc.dictionary(key, json, { minKeys: 1, maxKeys: 3 });
/** What we do not know yet comes through, too. */
const later = json.filter((value) => value !== null);
const optional = { requiredKeys: [] };
const words = fc.array(fc.string(), { maxLength: 2 });

const file = fc.record({ mediaType: id, filename: id, metadata, later }, optional);
const part: fc.Arbitrary<Part> = fc.oneof(
  fc.record({ text: fc.string(), mediaType: id, metadata, later }, { requiredKeys: ['text'] }),
  fc.record({ data: json, metadata, mediaType: id, later }, { requiredKeys: ['data'] }),
  fc.tuple(fc.record({ raw: fc.base64String() }), file).map(([content, rest]) => ({ ...content, ...rest })),
  fc.tuple(fc.record({ url: fc.webUrl() }), file).map(([content, rest]) => ({ ...content, ...rest })),
);
const parts = fc.array(part, { minLength: 1, maxLength: 3 });

const message: fc.Arbitrary<Message> = fc.record(
  {
    messageId: id,
    role: fc.constantFrom('ROLE_USER', 'ROLE_AGENT'),
    parts,
    contextId: id,
    taskId: id,
    metadata,
    extensions: words,
    referenceTaskIds: words,
    later,
  },
  { requiredKeys: ['messageId', 'role', 'parts'] },
);
const status: fc.Arbitrary<TaskStatus> = fc.record(
  { state: fc.constantFrom(...TaskState.options), message, timestamp: id, later },
  { requiredKeys: ['state'] },
);
const artifact: fc.Arbitrary<Artifact> = fc.record(
  { artifactId: id, name: fc.string(), description: fc.string(), parts, metadata, extensions: words, later },
  { requiredKeys: ['artifactId', 'parts'] },
);
const task: fc.Arbitrary<Task> = fc.record(
  {
    id,
    contextId: id,
    status,
    artifacts: fc.array(artifact, { maxLength: 2 }),
    history: fc.array(message, { maxLength: 2 }),
    metadata,
    later,
  },
  { requiredKeys: ['id', 'status'] },
);
const about = { taskId: id, contextId: id, metadata, later };
const event: fc.Arbitrary<StreamResponse> = fc.oneof(
  fc.record({ task }),
  fc.record({ message }),
  fc.record({
    statusUpdate: fc.record({ ...about, status }, { requiredKeys: ['taskId', 'contextId', 'status'] }),
  }),
  fc.record({
    artifactUpdate: fc.record(
      { ...about, artifact, append: fc.boolean(), lastChunk: fc.boolean() },
      { requiredKeys: ['taskId', 'contextId', 'artifact'] },
    ),
  }),
);
const authentication = fc.record({ scheme: id, credentials: fc.string() }, { requiredKeys: ['scheme'] });
const inlineConfig = fc.record({ id, url: fc.webUrl(), token: id, authentication, later }, { requiredKeys: ['url'] });
const config = fc.record(
  { tenant: id, taskId: id, id, url: fc.webUrl(), token: id, authentication, later },
  { requiredKeys: ['taskId', 'id', 'url'] },
);
const configuration = fc.record(
  {
    acceptedOutputModes: words,
    historyLength: fc.nat(),
    returnImmediately: fc.boolean(),
    taskPushNotificationConfig: inlineConfig,
    later,
  },
  { requiredKeys: ['returnImmediately'] },
);
const sendParams: fc.Arbitrary<SendMessageParams> = fc.record(
  { tenant: id, message, configuration, metadata, later },
  { requiredKeys: ['message'] },
);

const overTheWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('what v1.0 says and v0.3 can express survives the way there and back', () => {
  test('every event of a stream', () => {
    fc.assert(
      fc.property(event, (before) => {
        expect(StreamResponse.safeParse(before).success).toBe(true);
        const wire = overTheWire(server.writeResult('sendStreamingMessage', before));
        expect(client.readResult('sendStreamingMessage', wire)).toEqual(overTheWire(before));
      }),
    );
  });

  test('every task', () => {
    fc.assert(
      fc.property(task, (before) => {
        const wire = overTheWire(server.writeResult('getTask', before));
        expect(client.readResult('getTask', wire)).toEqual(overTheWire(before));
      }),
    );
  });

  test('every message that is sent', () => {
    fc.assert(
      fc.property(sendParams, fc.constantFrom('sendMessage', 'sendStreamingMessage'), (before, operation) => {
        expect(SendMessageParams.safeParse(before).success).toBe(true);
        const wire = overTheWire(client.writeParams(operation, before));
        expect(server.readParams(operation, wire)).toEqual(overTheWire(before));
      }),
    );
  });

  test('every push configuration', () => {
    fc.assert(
      fc.property(fc.array(config, { minLength: 1 }), ([first, ...more]) => {
        const before = TaskPushNotificationConfig.extend({ taskId: z.string(), id: z.string() }).parse(
          overTheWire(first),
        );
        const set = overTheWire(client.writeParams('createPushConfig', before));
        expect(server.readParams('createPushConfig', set)).toEqual(before);
        const got = overTheWire(server.writeResult('getPushConfig', before));
        expect(client.readResult('getPushConfig', got)).toEqual(before);
        const page = { configs: [before, ...more], nextPageToken: '' };
        const list = overTheWire(server.writeResult('listPushConfigs', page));
        expect(client.readResult('listPushConfigs', list)).toEqual(overTheWire(page));
      }),
    );
  });
});

describe('whatever comes is read or refused, in a way that is meant for its sender', () => {
  const operations = Object.keys(v03Dialect.methods) as OperationName[]; // the keys of the table, which the type knows
  const operation = fc.constantFrom(...operations);

  /** A valid value with one of its places overwritten. */
  const damaged = (whole: fc.Arbitrary<unknown>) =>
    fc.tuple(whole, fc.infiniteStream(fc.nat({ max: 9 })), json).map(([value, steps, junk]) => {
      const copy = { root: overTheWire(value) };
      let place: Record<string, unknown> = copy;
      for (const step of steps) {
        const keys = Object.keys(place);
        const name = keys[step % keys.length] ?? '';
        const inner = place[name];
        if (step === 0 || typeof inner !== 'object' || inner === null || Object.keys(inner).length === 0) {
          place[name] = junk;
          break;
        }
        place = inner as Record<string, unknown>; // an object or array with keys, just looked at
      }
      return copy.root;
    });

  const wireEvents = event.map((each) => server.writeResult('sendStreamingMessage', each));
  const wireParams = sendParams.map((each) => client.writeParams('sendMessage', each));

  test('as a request', () => {
    fc.assert(
      fc.property(operation, fc.oneof(json, damaged(wireParams)), (name, params) => {
        try {
          server.readParams(name, params);
        } catch (error) {
          if (!(error instanceof A2AError)) throw error;
          expect(error.reason).toBe('INVALID_PARAMS');
        }
      }),
      { numRuns: 500 },
    );
  });

  test('as a reply', () => {
    fc.assert(
      fc.property(operation, fc.oneof(json, damaged(wireEvents)), (name, result) => {
        try {
          client.readResult(name, result);
        } catch (error) {
          if (!(error instanceof A2AClientError)) throw error;
          expect(error.code).toBe('INVALID_REPLY');
        }
      }),
      { numRuns: 500 },
    );
  });
});
