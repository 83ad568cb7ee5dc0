/** The grammar of what is sent: HTTP requests that are right, nearly right, and nothing of the kind. */
import fc from 'fast-check';
import { type Method, results } from '../conformance/strict.ts';
import { type Json, type Mutation, mutation, oddText, writeJson } from './json-text.ts';
import { pageToken, taskId, v1Params, v03Params } from './words.ts';

export interface FuzzRequest {
  readonly binding: 'json-rpc' | 'http+json' | 'card';
  /** The operation that a resource of HTTP+JSON stands for. */
  readonly operation?: Method;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Text, which may still hold `@task0@`, or bytes made out of text. */
  readonly body?: string;
  readonly damage?: readonly Damage[];
  /** Events after which the reader leaves a stream. */
  readonly leaves: number;
}

/** What happens to a body's bytes on the way. Places count around and around. */
export type Damage =
  | { kind: 'cut'; at: number }
  | { kind: 'flip'; at: number; bit: number }
  | { kind: 'insert'; at: number; bytes: Uint8Array };

const noMutations = fc.constant<readonly Mutation[]>([]);
const mutations = fc.oneof(
  { weight: 6, arbitrary: noMutations },
  { weight: 4, arbitrary: fc.array(mutation, { minLength: 1, maxLength: 3 }) },
);
const usually = <T>(usual: T, weight: number, ...others: readonly fc.Arbitrary<T>[]) =>
  fc.oneof({ weight, arbitrary: fc.constant(usual) }, ...others.map((arbitrary) => ({ weight: 1, arbitrary })));

/** What HTTP lets stand in a header: Latin-1 without control characters. */
const headerText = fc
  .array(fc.oneof(fc.integer({ min: 0x21, max: 0x7e }), fc.integer({ min: 0xa1, max: 0xff })), { maxLength: 20 })
  .map((units) => String.fromCharCode(...units));
const among = (...texts: (string | undefined)[]) => fc.constantFrom(...texts);

/** Each header as it should be, or otherwise. `undefined` leaves it out. */
function headersOf(version: string, types: readonly string[]): fc.Arbitrary<Record<string, string>> {
  const [usualType = ''] = types;
  return fc
    .record<Record<string, string | undefined>>({
      'content-type': usually<string | undefined>(
        usualType,
        40,
        among(...types, undefined, 'text/plain', '', 'application/json; charset=utf-8', 'APPLICATION/JSON'),
        headerText,
      ),
      'a2a-version': usually<string | undefined>(
        version,
        30,
        among('1.0', '0.3', '1.0.3', '0.3.0', '99.0', '', '1', '2.0', undefined, '1.0.9999999999', '0.2'),
        headerText,
      ),
      authorization: usually<string | undefined>(
        'Bearer alice',
        20,
        among('Bearer bob', undefined, 'Bearer mallory', 'x'),
      ),
      'a2a-extensions': usually<string | undefined>(
        undefined,
        8,
        among('urn:fuzz:known', 'urn:fuzz:known,,urn:x', ','),
        headerText,
      ),
      'last-event-id': usually<string | undefined>(
        undefined,
        8,
        among('@event0@', '@event1@', '@task0@/0', '@task0@/999999999999999', '/', '0', '@task0@/-1', '@task0@/1e9'),
        headerText,
      ),
    })
    .map((given) =>
      Object.fromEntries(Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined)),
    );
}

const segment = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('acme', 'a%2Fb', '%20', 'tasks') },
  fc.constantFrom('%', '%ff', '%00', '%2e%2e', '%E2%80%AE', ':x', '*', 'a:b', '__proto__', 'constructor', "'"),
  fc.string({ maxLength: 8 }).map(encodeURIComponent),
);
const tenantPath = usually(
  '',
  8,
  segment.map((name) => `/${name}`),
);
const leaves = fc.constantFrom(1_000, 1_000, 1_000, 0, 1, 3);
const ids = fc.oneof(
  { weight: 8, arbitrary: fc.nat(1_000).map(String) },
  { weight: 4, arbitrary: fc.string({ maxLength: 6 }).map((text) => JSON.stringify(text)) },
  { weight: 1, arbitrary: fc.constantFrom('null', '-0', '9007199254740991', '-7', '""') },
  { weight: 1, arbitrary: oddText },
);

/** The text of one call. An id of `undefined` makes it a notification. */
function callText(methods: Readonly<Record<string, fc.Arbitrary<Json>>>): fc.Arbitrary<string> {
  return fc
    .constantFrom(...Object.keys(methods))
    .chain((method) =>
      fc.record({ method: fc.constant(method), params: methods[method] ?? fc.constant(null), mutations }),
    )
    .chain(({ method, params, mutations: inside }) =>
      fc.record({
        params: fc.constant(writeJson(params, inside)),
        method: usually(JSON.stringify(method), 40, oddText, fc.constantFrom('"SendMessage"', '"message/send"', '"x"')),
        id: fc.option(ids, { freq: 20, nil: undefined }),
        version: usually('"2.0"', 60, fc.constantFrom('2.0', '"1.0"', 'null')),
      }),
    )
    .map(({ params, method, id, version }) => {
      const members = [`"jsonrpc":${version}`, `"method":${method}`];
      if (id !== undefined) members.push(`"id":${id}`);
      if (params !== undefined) members.push(`"params":${params}`);
      return `{${members.join(',')}}`;
    });
}

const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat(100_000) }),
  fc.record({ kind: fc.constant('flip' as const), at: fc.nat(100_000), bit: fc.nat(7) }),
  fc.record({
    kind: fc.constant('insert' as const),
    at: fc.nat(100_000),
    bytes: fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 8 }),
      fc
        .constantFrom([0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xef, 0xbb, 0xbf], [0xf5], [0])
        .map((b) => Uint8Array.from(b)),
    ),
  }),
);

function jsonRpc(version: string, methods: Readonly<Record<string, fc.Arbitrary<Json>>>): fc.Arbitrary<FuzzRequest> {
  const call = callText(methods);
  const batch = fc
    .array(fc.oneof({ weight: 8, arbitrary: call }, { weight: 1, arbitrary: oddText }), { maxLength: 6 })
    .map((calls) => `[${calls.join(',')}]`);
  const tooMany = fc.constantFrom(50, 51, 400).map((count) => `[${Array(count).fill('{"id":1}').join(',')}]`);
  const body = fc.oneof(
    { weight: 80, arbitrary: call },
    { weight: 12, arbitrary: batch },
    { weight: 2, arbitrary: oddText },
    { weight: 1, arbitrary: tooMany },
  );
  return fc.record({
    binding: fc.constant('json-rpc' as const),
    method: fc.constant('POST'),
    path: fc
      .tuple(
        fc.oneof({ weight: 8, arbitrary: tenantPath }, fc.constant('/')),
        usually('', 20, fc.constantFrom('?A2A-Version=1.0', '?A2A-Version=0.3.1', '?x=%ff', '?A2A-Version=')),
      )
      .map(([tenant, query]) => `/a2a${tenant}${query}`),
    headers: headersOf(version, ['application/json']),
    body,
    damage: usually<readonly Damage[]>([], 8, fc.array(damage, { minLength: 1, maxLength: 2 })),
    leaves,
  });
}

const queryText = fc.oneof(pageToken, fc.constantFrom('0', '1', '-1', '1e3', 'true', 'null', '%', '%ff', '%00', ''));
const query = fc
  .dictionary(
    fc.constantFrom(
      'historyLength',
      'pageSize',
      'pageToken',
      'status',
      'contextId',
      'includeArtifacts',
      'tenant',
      'x',
      '__proto__',
      'page_size',
      'id',
    ),
    queryText,
    { maxKeys: 3 },
  )
  .map((given) =>
    Object.entries(given)
      .map(([name, value]) => `${name}=${value}`)
      .join('&'),
  );

const inPath = fc.oneof({ weight: 8, arbitrary: taskId }, { weight: 1, arbitrary: segment });
const resources = {
  SendMessage: { method: 'POST', path: fc.constant('/message:send') },
  SendStreamingMessage: { method: 'POST', path: fc.constant('/message:stream') },
  GetTask: { method: 'GET', path: inPath.map((id) => `/tasks/${id}`) },
  ListTasks: { method: 'GET', path: fc.constant('/tasks') },
  CancelTask: { method: 'POST', path: inPath.map((id) => `/tasks/${id}:cancel`) },
  SubscribeToTask: { method: 'POST', path: inPath.map((id) => `/tasks/${id}:subscribe`) },
  CreateTaskPushNotificationConfig: {
    method: 'POST',
    path: inPath.map((id) => `/tasks/${id}/pushNotificationConfigs`),
  },
  GetTaskPushNotificationConfig: {
    method: 'GET',
    path: inPath.map((id) => `/tasks/${id}/pushNotificationConfigs/@config0@`),
  },
  ListTaskPushNotificationConfigs: { method: 'GET', path: inPath.map((id) => `/tasks/${id}/pushNotificationConfigs`) },
  DeleteTaskPushNotificationConfig: {
    method: 'DELETE',
    path: inPath.map((id) => `/tasks/${id}/pushNotificationConfigs/@config0@`),
  },
  GetExtendedAgentCard: { method: 'GET', path: fc.constant('/extendedAgentCard') },
} satisfies Record<Method, { method: string; path: fc.Arbitrary<string> }>;

// Its keys are the methods.
const operations = Object.keys(results) as Method[];

const httpJson = fc.constantFrom(...operations).chain((operation): fc.Arbitrary<FuzzRequest> => {
  const { method, path } = resources[operation];
  const body = fc.oneof(
    {
      weight: 20,
      arbitrary: fc.tuple(v1Params[operation], mutations).map(([value, inside]) => writeJson(value, inside) ?? ''),
    },
    { weight: 2, arbitrary: oddText },
    { weight: 1, arbitrary: fc.constant('') },
  );
  const shared = {
    binding: fc.constant('http+json' as const),
    operation: fc.constant(operation),
    method: usually(method, 40, fc.constantFrom('GET', 'POST', 'DELETE', 'PUT', 'HEAD', 'OPTIONS')),
    path: fc
      .tuple(tenantPath, path, usually('', 2, query))
      .map(([tenant, resource, asked]) => `/rest${tenant}${resource}${asked && `?${asked}`}`),
    headers: headersOf('1.0', ['application/a2a+json', 'application/json']),
    leaves,
  };
  if (method !== 'POST') return fc.record(shared);
  return fc.record({ ...shared, body, damage: usually<readonly Damage[]>([], 8, fc.array(damage, { maxLength: 2 })) });
});

const cardRequest: fc.Arbitrary<FuzzRequest> = fc.record({
  binding: fc.constant('card' as const),
  method: fc.constantFrom('GET', 'HEAD'),
  path: fc.constantFrom('/.well-known/agent-card.json', '/.well-known/agent.json'),
  headers: fc
    .tuple(headersOf('1.0', ['']), fc.option(headerText), fc.option(headerText))
    .map(([given, tags, since]) => ({
      ...given,
      ...(tags !== null && { 'if-none-match': tags }),
      ...(since !== null && { 'if-modified-since': since }),
    })),
  leaves: fc.constant(1_000),
});

export const fuzzRequest: fc.Arbitrary<FuzzRequest> = fc.oneof(
  { weight: 10, arbitrary: jsonRpc('1.0', v1Params) },
  { weight: 5, arbitrary: jsonRpc('0.3', v03Params) },
  { weight: 5, arbitrary: httpJson },
  { weight: 1, arbitrary: cardRequest },
);

/** Body bytes of nothing but noise, which the grammar would hardly come upon. */
export const noise: fc.Arbitrary<FuzzRequest> = fc.record({
  binding: fc.constant('json-rpc' as const),
  method: fc.constant('POST'),
  path: fc.constant('/a2a'),
  headers: headersOf('1.0', ['application/json']),
  body: fc.constant(''),
  damage: fc.uint8Array({ maxLength: 300 }).map((bytes): readonly Damage[] => [{ kind: 'insert', at: 0, bytes }]),
  leaves: fc.constant(1_000),
});

/** The bytes that are sent: what the text has become on the way. */
export function damaged(text: string, done: readonly Damage[]): Uint8Array<ArrayBuffer> {
  let bytes: Uint8Array<ArrayBuffer> = new TextEncoder().encode(text);
  for (const each of done) {
    const at = bytes.length === 0 ? 0 : each.at % (bytes.length + (each.kind === 'insert' ? 1 : 0));
    if (each.kind === 'cut') bytes = bytes.slice(0, at);
    else if (each.kind === 'insert')
      bytes = Uint8Array.from([...bytes.slice(0, at), ...each.bytes, ...bytes.slice(at)]);
    else if (bytes.length > 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << each.bit);
  }
  return bytes;
}
