/** Valid parameters of every operation, in the words of each dialect. `@task0@` and its like become what the server told. */
import fc from 'fast-check';
import type { Method } from '../conformance/strict.ts';
import { agentWords } from './agent.ts';
import { anyText, type Json } from './json-text.ts';

type Fields = Record<string, fc.Arbitrary<Json>>;

/** An object that has, now and then, one of the optional fields. */
function shape(required: Fields, optional: Fields = {}): fc.Arbitrary<Json> {
  const seldom = Object.entries(optional).map(([name, value]) => {
    const some: fc.Arbitrary<Json | undefined> = value;
    return [name, fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: some })] as const;
  });
  const all: Record<string, fc.Arbitrary<Json | undefined>> = { ...required, ...Object.fromEntries(seldom) };
  return fc
    .record(all)
    .map((fields) =>
      Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, Json] => entry[1] !== undefined)),
    );
}

const among = <T extends Json>(...values: readonly T[]) => fc.constantFrom(...values);
const free = fc.dictionary(
  fc.string({ maxLength: 5 }).filter((key) => key !== '__proto__' && key !== 'constructor'),
  fc.constantFrom<Json>(null, 1, 'x', [null, { a: null }], { deep: { er: [] } }),
  { maxKeys: 3 },
);
const flag = fc.boolean();
const length = among(0, 1, 2, 100);
const word = fc.oneof(
  { weight: 6, arbitrary: among(...agentWords) },
  { weight: 4, arbitrary: among('ask', 'authorise', 'hold', 'slow') },
  { weight: 1, arbitrary: anyText },
);
const base64 = among('', 'aGk=', 'aGk', '_-_-', '/+8=', 'AAAA');
const hook = 'https://example.com/hook';
const url = among(hook, hook, hook, 'https://8.8.8.8/', 'http://127.0.0.1/', 'file:///etc/passwd', 'x', '');
export const taskId = among('@task0@', '@task0@', '@task1@', '@task2@', '@task7@', 'unknown');
const contextId = among('@context0@', '@context1@', 'mine', '');
const tenant = among('acme', '', 'a/b');
const mediaType = among('text/plain', 'application/json', 'TEXT/plain; charset=utf-8', 'text/plain', '', 'image/png');
const texts = fc.array(fc.oneof(anyText, among('urn:fuzz:known', 'urn:other')), { maxLength: 2 });

const partFields = { mediaType, filename: anyText, metadata: free };
const anyData = among<Json>(null, 0, 'text', [], {}, { value: 1 }, [1, [2, { three: null }]]);
const part = fc.oneof(
  { weight: 6, arbitrary: shape({ text: word }, partFields) },
  shape({ raw: base64 }, partFields),
  shape({ url }, partFields),
  shape({ data: anyData }, partFields),
);
const messageFields = { contextId, taskId, metadata: free, extensions: texts, referenceTaskIds: texts };
const messageId = fc.oneof(among('m-1', 'm-2'), fc.uuid());
const message = shape(
  {
    messageId,
    role: among('ROLE_USER', 'ROLE_USER', 'ROLE_USER', 'ROLE_AGENT'),
    parts: fc.array(part, { minLength: 1, maxLength: 3 }),
  },
  messageFields,
);
const authentication = shape({ scheme: among('Bearer', 'Basic', 'x y') }, { credentials: among('secret', '', 'a\nb') });
const pushConfig = shape({ url }, { id: among('c-1', '@config0@', ''), token: anyText, authentication, tenant });
const configuration = shape(
  {},
  {
    acceptedOutputModes: fc.array(mediaType, { maxLength: 2 }),
    historyLength: length,
    returnImmediately: flag,
    taskPushNotificationConfig: pushConfig,
  },
);
const sending = shape({ message }, { configuration, metadata: free, tenant });
const ofConfig = shape({ taskId, id: among('@config0@', 'c-1', 'none') }, { tenant });
export const pageToken = among('@page0@', '@page1@', '', 'bm9uZQ', 'WyIiLCIiXQ');
const states = ['TASK_STATE_COMPLETED', 'TASK_STATE_WORKING', 'TASK_STATE_INPUT_REQUIRED', 'TASK_STATE_UNSPECIFIED'];
const since = among('2020-01-01T00:00:00Z', '2999-12-31T23:59:59.999+14:00', '2024-02-29T00:00:00.123456789Z');
const config = fc.tuple(pushConfig, taskId).map(([given, id]): Json => ({ ...(given as object), taskId: id }));

export const v1Params = {
  SendMessage: sending,
  SendStreamingMessage: sending,
  GetTask: shape({ id: taskId }, { historyLength: length, tenant }),
  ListTasks: shape(
    {},
    {
      ...{ contextId, status: among(...states), pageSize: among(1, 2, 50, 100), pageToken, historyLength: length },
      ...{ statusTimestampAfter: since, includeArtifacts: flag, tenant },
    },
  ),
  CancelTask: shape({ id: taskId }, { metadata: free, tenant }),
  SubscribeToTask: shape({ id: taskId }, { tenant }),
  CreateTaskPushNotificationConfig: config,
  GetTaskPushNotificationConfig: ofConfig,
  ListTaskPushNotificationConfigs: shape({ taskId }, { pageSize: among(0, 1, 10), pageToken, tenant }),
  DeleteTaskPushNotificationConfig: ofConfig,
  GetExtendedAgentCard: shape({}, { tenant }),
} satisfies Record<Method, fc.Arbitrary<Json>>;

const kind = (name: string) => ({ kind: among(name) });
const v03Part = fc.oneof(
  { weight: 6, arbitrary: shape({ ...kind('text'), text: word }, { metadata: free }) },
  shape({ ...kind('file'), file: shape({ bytes: base64 }, { mimeType: mediaType, name: anyText }) }),
  shape({ ...kind('file'), file: shape({ uri: url }, { mimeType: mediaType, name: anyText }) }),
  shape({ ...kind('data'), data: anyData }, { metadata: free }),
);
const v03Message = shape(
  {
    ...kind('message'),
    messageId,
    role: among('user', 'user', 'agent'),
    parts: fc.array(v03Part, { minLength: 1, maxLength: 3 }),
  },
  messageFields,
);
const v03Config = shape(
  { url },
  {
    id: among('c-1', '@config0@'),
    token: anyText,
    authentication: shape({ schemes: among<Json>([], ['Bearer']) }, { credentials: among('s') }),
  },
);
const v03Sending = shape(
  { message: v03Message },
  {
    configuration: shape(
      {},
      {
        acceptedOutputModes: fc.array(mediaType, { maxLength: 2 }),
        historyLength: length,
        blocking: flag,
        pushNotificationConfig: v03Config,
      },
    ),
    metadata: free,
  },
);
const v03OfConfig = shape({ id: taskId }, { pushNotificationConfigId: among('@config0@', 'c-1'), metadata: free });

export const v03Params: Readonly<Record<string, fc.Arbitrary<Json>>> = {
  'message/send': v03Sending,
  'message/stream': v03Sending,
  'tasks/get': shape({ id: taskId }, { historyLength: length, metadata: free }),
  'tasks/cancel': shape({ id: taskId }, { metadata: free }),
  'tasks/resubscribe': shape({ id: taskId }, { metadata: free }),
  'tasks/pushNotificationConfig/set': shape({ taskId, pushNotificationConfig: v03Config }),
  'tasks/pushNotificationConfig/get': v03OfConfig,
  'tasks/pushNotificationConfig/list': shape({ id: taskId }),
  'tasks/pushNotificationConfig/delete': v03OfConfig,
  'agent/getAuthenticatedExtendedCard': among<Json>(null, {}),
};
