import { readdirSync, readFileSync } from 'node:fs';
import {
  AgentCard,
  CancelTaskRequest,
  DeleteTaskPushNotificationConfigRequest,
  GetExtendedAgentCardRequest,
  GetTaskPushNotificationConfigRequest,
  GetTaskRequest,
  type JsonInput,
  ListTaskPushNotificationConfigsRequest,
  ListTaskPushNotificationConfigsResponse,
  Message,
  SendMessageRequest,
  SendMessageResponse,
  StreamResponse,
  SubscribeToTaskRequest,
  Task,
  TaskPushNotificationConfig,
} from '@a2a-js/sdk';
import { legacyPushNotificationToV1StreamResponse } from '@a2a-js/sdk/compat/v0_3';
import { LegacyJsonRpcTransport, parseLegacyAgentCard } from '@a2a-js/sdk/compat/v0_3/client';
import { LegacyJsonRpcTransportHandler, V03PushNotificationSerializer } from '@a2a-js/sdk/compat/v0_3/server';
import { type A2ARequestHandler, ServerCallContext } from '@a2a-js/sdk/server';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { OperationName } from '../../operations/operation.ts';
import { v03Dialect } from './dialect.ts';
import { readEvent } from './events.ts';
import { writePushNotification } from './push-notification.ts';

/**
 * Whether the official SDK's v0.3 mode understands the golden exchanges as we do, and says them in the same words. Where
 * we differ, we mean to: those are named here, with the reason, and one that is gone turns its test red.
 */
const differences: Readonly<Record<string, readonly Comparison[]>> = {
  // Without `blocking` we wait, as v0.3's own servers do (send-params.ts); the SDK does not. It refuses a bare task.
  'send-with-push': ['request read', 'reply read'],
  // A configuration that is named by its task alone has its id (push-config.ts); the SDK has none for it.
  'push-get-by-task': ['request read'],
  // A turn that asks for input is over (events.ts): `final`. To the SDK it is not.
  'stream-ends-a-turn': ['reply written'],
  // An answer that does not say whose it is, is the agent's. The SDK refuses it.
  'send-answered-by-message': ['reply read'],
  // The SDK has the main interface twice, and says the versions of interfaces otherwise than we do.
  'extended-card': ['reply read', 'reply written'],
};

type Comparison = 'request read' | 'reply written' | 'request written' | 'reply read';

const folder = new URL('../../../../../test/conformance/golden/v0-3/', import.meta.url);

const Fixture = z.looseObject({
  operation: z.string(),
  request: z.looseObject({ method: z.string(), params: z.unknown().optional() }),
  reply: z.looseObject({ result: z.unknown() }).optional(),
  stream: z.string().optional(),
  v1: z.looseObject({ params: z.unknown(), result: z.unknown().optional(), events: z.array(z.unknown()).optional() }),
});

const exchanges = readdirSync(folder)
  .filter((name) => !name.startsWith('error-') && name !== 'push-notification.json')
  .map((file) => {
    const parsed = Fixture.parse(JSON.parse(readFileSync(new URL(file, folder), 'utf8')));
    // The operation is one of ours, or the codec throws.
    return { name: file.replace('.json', ''), ...parsed, operation: parsed.operation as OperationName };
  });

interface Codec {
  fromJSON(json: JsonInput): unknown;
  toJSON(message: never): unknown;
}

const sent: Codec = {
  fromJSON: (json) => {
    const { payload } = SendMessageResponse.fromJSON(json);
    return payload?.value;
  },
  // The SDK's servers and clients hold the bare one, and tell them apart like this.
  toJSON: (bare: Task | Message) =>
    'messageId' in bare ? { message: Message.toJSON(bare) } : { task: Task.toJSON(bare) },
};

const codecs: Partial<Record<OperationName, { params: Codec; result: Codec }>> = {
  sendMessage: { params: SendMessageRequest, result: sent },
  sendStreamingMessage: { params: SendMessageRequest, result: StreamResponse },
  getTask: { params: GetTaskRequest, result: Task },
  cancelTask: { params: CancelTaskRequest, result: Task },
  subscribeToTask: { params: SubscribeToTaskRequest, result: StreamResponse },
  createPushConfig: { params: TaskPushNotificationConfig, result: TaskPushNotificationConfig },
  getPushConfig: { params: GetTaskPushNotificationConfigRequest, result: TaskPushNotificationConfig },
  listPushConfigs: {
    params: ListTaskPushNotificationConfigsRequest,
    result: ListTaskPushNotificationConfigsResponse,
  },
  deletePushConfig: {
    params: DeleteTaskPushNotificationConfigRequest,
    result: { fromJSON: () => ({}), toJSON: () => ({}) },
  },
  getExtendedAgentCard: { params: GetExtendedAgentCardRequest, result: AgentCard },
};

function codecsOf(operation: OperationName): { params: Codec; result: Codec } {
  const found = codecs[operation];
  if (!found) throw new Error(`no codec of ${operation}`);
  return found;
}

/** v1.0 as the SDK would write it: defaults left out, enums by name. */
function normal(codec: Codec, json: unknown): unknown {
  return codec.toJSON(codec.fromJSON(json as JsonInput) as never); // what it makes is what it takes
}

type Exchange = (typeof exchanges)[number];

const comparisons: Readonly<Record<Comparison, (exchange: Exchange) => Promise<{ ours: unknown; theirs: unknown }>>> = {
  'request read': async (exchange) => {
    const { operation, request } = exchange;
    const { params } = await askSdkServer(exchange);
    const codec = codecsOf(operation).params;
    const ours = v03Dialect.server.readParams(operation, request.params);
    return { ours: normal(codec, ours), theirs: codec.toJSON(params as never) };
  },
  'reply written': async (exchange) => {
    const { operation, v1 } = exchange;
    const { answer } = await askSdkServer(exchange);
    const ours = (v1.events ?? [v1.result]).map((result) => v03Dialect.server.writeResult(operation, result as never));
    return { ours: lean(ours), theirs: lean(answer) };
  },
  'request written': async (exchange) => {
    const { operation, v1 } = exchange;
    const { params } = await askAsSdkClient(exchange);
    const ours = v03Dialect.client.writeParams(operation, v1.params as never);
    return { ours: lean(ours), theirs: lean(params) };
  },
  'reply read': async (exchange) => {
    const { operation, reply, stream } = exchange;
    const { results } = await askAsSdkClient(exchange);
    const codec = codecsOf(operation).result;
    const wire = stream === undefined ? [reply?.result] : eventsOf(stream);
    const ours = wire.map((result) => normal(codec, v03Dialect.client.readResult(operation, result)));
    return {
      ours,
      theirs: results.map((result) => (result instanceof Error ? result : codec.toJSON(result as never))),
    };
  },
};

// Object.entries forgets that the keys are the record's own.
describe.each(Object.entries(comparisons) as [Comparison, (typeof comparisons)[Comparison]][])(
  '%s',
  (what, compare) => {
    test.each(exchanges)('$name, as the SDK does', async (exchange) => {
      const { ours, theirs } = await compare(exchange);
      if (differences[exchange.name]?.includes(what)) expect(ours).not.toEqual(theirs);
      else expect(ours).toEqual(theirs);
    });
  },
);

test('the SDK finds the same in a card of v0.3', () => {
  const { reply } = exchanges.find(({ name }) => name === 'extended-card') ?? {};
  const theirs = z
    .looseObject({ supportedInterfaces: z.array(z.unknown()) })
    .parse(AgentCard.toJSON(parseLegacyAgentCard(reply?.result)));
  const ours = normal(AgentCard, v03Dialect.client.readResult('getExtendedAgentCard', reply?.result));
  const {
    supportedInterfaces: [main, ...others],
    ...rest
  } = theirs;
  // It names the main interface twice: as the card's own, and among the others.
  expect(main).toMatchObject({ protocolVersion: '0.3.0' });
  expect({ ...rest, supportedInterfaces: others }).toEqual(ours);
});

describe('push notifications', () => {
  const events = exchanges.flatMap(({ v1 }) => v1.events ?? []).map((event) => ({ event }));

  test.each(events)('carry what the SDK’s carry: $event', ({ event }) => {
    const task = { id: 'task-1', contextId: 'ctx-1', status: { state: 'TASK_STATE_WORKING' as const } };
    const serializer = new V03PushNotificationSerializer();
    const sdkEvent = StreamResponse.fromJSON(event as JsonInput);
    const whole = serializer.serialize(sdkEvent, Task.fromJSON(task));
    expect(lean(writePushNotification(event as never, task))).toEqual(lean(JSON.parse(whole.body)));
  });

  test.each(events)('are read as the SDK reads them: $event', ({ event }) => {
    const body = JSON.parse(JSON.stringify(writePushNotification(event as never)));
    const theirs = StreamResponse.toJSON(legacyPushNotificationToV1StreamResponse(body));
    expect(normal(StreamResponse, readEvent(body))).toEqual(theirs);
  });
});

/** A v0.3 request through the SDK's server: what it makes of the params, and what it says of the result. */
async function askSdkServer({ operation, request, v1 }: Exchange) {
  const { result } = codecsOf(operation);
  let params: unknown;
  const one = async (asked: unknown) => {
    params = asked;
    return result.fromJSON(v1.result as JsonInput) as never; // the codec of this very operation
  };
  async function* many(asked: unknown) {
    params = asked;
    for (const event of v1.events ?? []) yield StreamResponse.fromJSON(event as JsonInput);
  }
  const handler: A2ARequestHandler = {
    getAgentCard: async () => AgentCard.fromJSON({ name: 'agent', capabilities: { streaming: true } }),
    getAuthenticatedExtendedAgentCard: one,
    sendMessage: one,
    sendMessageStream: many,
    getTask: one,
    cancelTask: one,
    createTaskPushNotificationConfig: one,
    getTaskPushNotificationConfig: one,
    listTaskPushNotificationConfigs: one,
    deleteTaskPushNotificationConfig: one,
    resubscribe: many,
    listTasks: one,
  };
  const reply = await new LegacyJsonRpcTransportHandler(handler).handle(request, new ServerCallContext());
  const answer: unknown[] = [];
  if (Symbol.asyncIterator in reply) for await (const event of reply) answer.push(resultOf(event));
  else answer.push(resultOf(reply));
  return { params, answer };
}

/** A v1.0 call through the SDK's v0.3 client: what it sends, and what it makes of the golden reply. */
async function askAsSdkClient({ operation, reply, stream, v1 }: Exchange) {
  let params: unknown;
  const transport = new LegacyJsonRpcTransport({
    endpoint: 'http://sdk.test/a2a',
    fetchImpl: async (_url, init) => {
      const request = z
        .object({ id: z.unknown(), params: z.unknown().optional() })
        .parse(JSON.parse(String(init?.body)));
      params = request.params;
      const answer = (result: unknown) => JSON.stringify({ jsonrpc: '2.0', id: request.id, result });
      return stream === undefined
        ? new Response(answer(reply?.result), { headers: { 'content-type': 'application/json' } })
        : new Response(
            eventsOf(stream)
              .map((event) => `data: ${answer(event)}\n\n`)
              .join(''),
            {
              headers: { 'content-type': 'text/event-stream' },
            },
          );
    },
  });
  const asked = codecsOf(operation).params.fromJSON(v1.params as JsonInput) as never; // the codec of this very operation
  const calls: Partial<Record<OperationName, () => unknown>> = {
    sendMessage: () => transport.sendMessage(asked),
    sendStreamingMessage: () => transport.sendMessageStream(asked),
    getTask: () => transport.getTask(asked),
    cancelTask: () => transport.cancelTask(asked),
    subscribeToTask: () => transport.resubscribeTask(asked),
    createPushConfig: () => transport.createTaskPushNotificationConfig(asked),
    getPushConfig: () => transport.getTaskPushNotificationConfig(asked),
    listPushConfigs: () => transport.listTaskPushNotificationConfig(asked),
    deletePushConfig: () => transport.deleteTaskPushNotificationConfig(asked),
    getExtendedAgentCard: () => transport.getExtendedAgentCard(asked),
  };
  const results: unknown[] = [];
  try {
    const outcome = await calls[operation]?.();
    if (typeof outcome === 'object' && outcome !== null && Symbol.asyncIterator in outcome) {
      for await (const event of outcome as AsyncIterable<unknown>) results.push(event);
    } else results.push(outcome);
  } catch (error) {
    results.push(error);
  }
  return { params, results };
}

function resultOf(reply: object): unknown {
  if ('result' in reply) return reply.result;
  throw new Error(`the SDK refused: ${JSON.stringify(reply)}`);
}

function eventsOf(stream: string): unknown[] {
  const frames = stream.split('\n\n').filter((frame) => frame !== '');
  return frames.map((frame): unknown => JSON.parse(frame.replace('data: ', '')).result);
}

/** Without what the SDK leaves out or fills in: empty lists, `append` and `lastChunk` that are false. */
function lean(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lean);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([key, field]) => {
    if (field === undefined || (Array.isArray(field) && field.length === 0)) return false;
    return !(field === false && (key === 'append' || key === 'lastChunk'));
  });
  return Object.fromEntries(fields.map(([key, field]) => [key, lean(field)]));
}
