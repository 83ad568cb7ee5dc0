import { readdirSync, readFileSync } from 'node:fs';
import {
  AgentCard,
  CancelTaskParams,
  CreatePushConfigParams,
  GetExtendedAgentCardParams,
  GetTaskParams,
  ListPushConfigsParams,
  ListPushConfigsResponse,
  PushConfigParams,
  SendMessageParams,
  SendMessageResponse,
  StreamResponse,
  SubscribeToTaskParams,
  Task,
  TaskPushNotificationConfig,
} from '@skein/contracts/a2a';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { readJsonRpcError } from '../../json-rpc/errors.ts';
import type { OperationName } from '../../operations/operation.ts';
import { v03Dialect } from './dialect.ts';
import { writePushNotification } from './push-notification.ts';

/** Whole exchanges as v0.3's specification shows them or its schema allows them, each with its meaning in v1.0. */
const folder = new URL('../../../../../test/conformance/golden/v0-3/', import.meta.url);

const Golden = z.strictObject({
  source: z.string(),
  /** What v0.3 requires and the specification's own example has not. We read it without, and write it. */
  leavesOut: z.string().optional(),
  operation: z.string().optional(),
  request: z.looseObject({ method: z.string(), params: z.unknown().optional() }).optional(),
  reply: z
    .looseObject({ result: z.unknown(), error: z.looseObject({}).optional() })
    .partial()
    .optional(),
  stream: z.string().optional(),
  notification: z.unknown().optional(),
  v1: z.looseObject({}),
});
type Golden = z.infer<typeof Golden>;

const golden = readdirSync(folder).map((name) => {
  const exchange = Golden.parse(JSON.parse(readFileSync(new URL(name, folder), 'utf8')));
  // The fixtures are ours: an operation that does not exist fails in the codec.
  return { name: name.replace('.json', ''), ...exchange, operation: exchange.operation as OperationName };
});

const exchanges = golden.filter(({ request }) => request !== undefined);
const replies = exchanges.filter(({ reply }) => reply && 'result' in reply);
const refusals = exchanges.filter(({ reply }) => reply?.error);
const streams = exchanges.filter(({ stream }) => stream !== undefined);

const schemas: Partial<Record<OperationName, { params: z.ZodType; result: z.ZodType }>> = {
  sendMessage: { params: SendMessageParams, result: SendMessageResponse },
  sendStreamingMessage: { params: SendMessageParams, result: StreamResponse },
  getTask: { params: GetTaskParams, result: Task },
  cancelTask: { params: CancelTaskParams, result: Task },
  subscribeToTask: { params: SubscribeToTaskParams, result: StreamResponse },
  createPushConfig: { params: CreatePushConfigParams, result: TaskPushNotificationConfig },
  getPushConfig: { params: PushConfigParams, result: TaskPushNotificationConfig },
  listPushConfigs: { params: ListPushConfigsParams, result: ListPushConfigsResponse },
  deletePushConfig: { params: PushConfigParams, result: z.strictObject({}) },
  getExtendedAgentCard: { params: GetExtendedAgentCardParams, result: AgentCard },
};

const { server, client } = v03Dialect;

test('every operation of v0.3 has its exchange', () => {
  const shown = new Map(exchanges.map(({ operation, request }) => [operation, request?.method]));
  expect(Object.fromEntries(shown)).toEqual(v03Dialect.methods);
});

describe.each(exchanges)('$name: the request', ({ operation, request, leavesOut, v1 }) => {
  test('means in v1.0 what the fixture says', () => {
    expect(server.readParams(operation, request?.params)).toEqual(v1.params);
  });

  test('and what it means is v1.0', () => {
    expect(schemas[operation]?.params.parse(v1.params)).toEqual(v1.params);
  });

  test('is written again as it was', () => {
    expectSame(client.writeParams(operation, v1.params as never), request?.params, leavesOut);
  });
});

describe.each(replies)('$name: the reply', ({ operation, reply, leavesOut, v1 }) => {
  test('means in v1.0 what the fixture says', () => {
    expect(client.readResult(operation, reply?.result)).toEqual(v1.result);
  });

  test('and what it means is v1.0', () => {
    expect(schemas[operation]?.result.parse(v1.result)).toEqual(v1.result);
  });

  test('is written again as it was', () => {
    expectSame(server.writeResult(operation, v1.result as never), reply?.result, leavesOut);
  });
});

describe.each(streams)('$name: the stream', ({ operation, stream = '', leavesOut, v1 }) => {
  const wire = stream
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame): unknown => JSON.parse(frame.replace(/^data: /, '')).result);
  const events = z.array(z.unknown()).parse(v1.events);

  test('means in v1.0 what the fixture says', () => {
    expect(wire.map((event) => client.readResult(operation, event))).toEqual(events);
  });

  test('and what it means is v1.0', () => {
    expect(events.map((event) => schemas[operation]?.result.parse(event))).toEqual(events);
  });

  test('is written again as it was', () => {
    expect(events).toHaveLength(wire.length);
    events.forEach((event, index) => {
      expectSame(server.writeResult(operation, event as never), wire[index], leavesOut);
    });
  });
});

test.each(refusals)('$name: the refusal means the same in v1.0', ({ reply, v1 }) => {
  const error = z.object({ code: z.number(), message: z.string() }).parse(reply?.error);
  expect(readJsonRpcError(error)).toMatchObject({ reason: v1.reason });
});

test('a push notification is the task', () => {
  const { v1, notification } = z.looseObject({ v1: z.looseObject({}) }).parse(named('push-notification'));
  const { event, task } = z.object({ event: StreamResponse, task: Task }).parse(v1);
  expect(writePushNotification(event, task)).toEqual(notification);
});

function named(name: string): Golden | undefined {
  return golden.find((one) => one.name === name);
}

/** As it crosses the wire. An example that leaves something out is still all there. */
function expectSame(written: unknown, wire: unknown, leavesOut: string | undefined): void {
  const crossed: unknown = written === undefined ? undefined : JSON.parse(JSON.stringify(written));
  if (leavesOut === undefined) expect(crossed).toEqual(wire);
  else expect({ crossed }).toMatchObject({ crossed: wire });
}
