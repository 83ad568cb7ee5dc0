/** docs/a2a.md says what is spoken here: its tables and exchanges are held to the code. */
import { readFileSync } from 'node:fs';
import { silentLogger } from '@skein/contracts/runtime';
import { createFakeClock } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import { createHttpJsonBinding } from './bindings/http-json.ts';
import { toHttpError } from './bindings/http-json-errors.ts';
import { v03Dialect } from './dialects/v0-3/dialect.ts';
import { v1 } from './dialects/v1.ts';
import { A2AError, type A2AReason } from './errors.ts';
import { toJsonRpcError } from './json-rpc/errors.ts';
import type { OperationTable } from './operations/create-operations.ts';
import type { OperationName } from './operations/operation.ts';
import { createOpenCalls } from './server/calls.ts';
import { unauthenticated } from './server/gate.ts';
import { KeepAlive } from './server/keep-alive.ts';
import { createReception } from './server/reception.ts';
import { createA2AServer } from './server/server.ts';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const text = read('../../../docs/a2a.md');

/** The cells of the table under this head, row by row, without their code marks. */
function rowsUnder(head: string): string[][] {
  const [, after = ''] = text.split(`${head}\n`);
  const lines = after.split('\n').slice(1); // the line under the head
  const rows = lines.slice(
    0,
    lines.findIndex((line) => !line.startsWith('|')),
  );
  return rows.map((row) =>
    row
      .slice(2, -2)
      .split(' | ')
      .map((cell) => cell.replaceAll('`', '')),
  );
}

const operations = rowsUnder(
  '| operation | v1.0, JSON-RPC | v0.3, JSON-RPC | CortexPrism, JSON-RPC | v1.0, HTTP+JSON |',
).map(([operation = '', v10, v03, cortex, http = '']) => ({ operation, v10, v03, cortex, http }));

test('the table of operations names those that there are, by the methods of both dialects', () => {
  const named = (pick: (row: (typeof operations)[number]) => string | undefined) =>
    Object.fromEntries(operations.flatMap((row) => (pick(row) === '–' ? [] : [[row.operation, pick(row)]])));
  expect(named(({ v10 }) => v10)).toEqual(v1.methods);
  expect(named(({ v03 }) => v03)).toEqual(v03Dialect.methods);
});

test('the methods of the CortexPrism dialect are those of its routes', () => {
  const source = `${read('./dialects/cortex/cortex-calls.ts')}${read('./dialects/cortex/cortex-routes.ts')}`;
  const known = new Set(
    [...source.matchAll(/(?:case|method ===) '([A-Z]\w+)'/g)].map(([, method]) => method).filter((method) => method),
  );
  known.delete('GetAgentCard'); // none of A2A's
  expect(new Set(operations.map(({ cortex }) => cortex).filter((method) => method !== '–'))).toEqual(known);
});

/** The binding over operations that answer with their own names. */
function namingBinding() {
  const answers = operations.map(({ operation }) => [operation, async () => ({ operation })]);
  const clock = createFakeClock();
  const calls = createOpenCalls();
  const declared = () => [];
  const reception = createReception(
    {
      ...{ authenticator: undefined, declared, calls, logger: silentLogger },
      challenge: () => 'Bearer',
      isClosing: () => false,
      ready: () => undefined,
    },
    { domain: 'test', maxBodyBytes: 1_000 },
  );
  // It answers what no operation does, so that one can tell them apart.
  const named = Object.fromEntries(answers) as unknown as OperationTable;
  return createHttpJsonBinding(
    { declared, guarded: false, domain: 'test', operations: named, reception, keepAlive: new KeepAlive(clock, 1_000) },
    { maxDepth: 8, ownsRest: false },
  );
}

test.each(operations)('HTTP+JSON has $operation at $http, and below a tenant', async ({ operation, http }) => {
  const [method = '', path = ''] = http.split(' ');
  const app = namingBinding();
  for (const tenant of ['', '/blue']) {
    const at = `${tenant}${path.replace('{id}', 't1').replace('{configId}', 'c1')}`;
    const reply = await app.request(at, { method, headers: { 'a2a-version': '1.0' } });
    expect(await reply.json(), at).toEqual({ operation });
  }
});

test('the table of errors gives each reason its numbers', () => {
  const rows = rowsUnder('| reason | when | JSON-RPC | HTTP+JSON |');
  // Told by the compiler wherever a reason is forgotten.
  const reasons: Record<A2AReason, true> = {
    ...{ PARSE_ERROR: true, INVALID_REQUEST: true, METHOD_NOT_FOUND: true, INVALID_PARAMS: true, INTERNAL_ERROR: true },
    ...{ TASK_NOT_FOUND: true, TASK_NOT_CANCELABLE: true, PUSH_NOTIFICATION_NOT_SUPPORTED: true },
    ...{ UNSUPPORTED_OPERATION: true, CONTENT_TYPE_NOT_SUPPORTED: true, INVALID_AGENT_RESPONSE: true },
    ...{ EXTENDED_AGENT_CARD_NOT_CONFIGURED: true, EXTENSION_SUPPORT_REQUIRED: true, VERSION_NOT_SUPPORTED: true },
  };
  const told = rows.map(([reason, , code = '', status]) => [reason, Number(code.replace('−', '-')), Number(status)]);
  const meant = (Object.keys(reasons) as A2AReason[]).map((reason) => {
    const error = new A2AError(reason, 'why');
    return [reason, toJsonRpcError(error).code, toHttpError(error).status];
  });
  const refused = unauthenticated('agent.example');
  const credentials = [refused.reason, toJsonRpcError(refused).code, toHttpError(refused).status];
  expect(told).toEqual([...meant, credentials]);
});

/** The defaults that an interface documents: `@default 1_000 …` above `name?:`. */
function defaultsIn(path: string, name: string): Map<string, string> {
  const [, body = ''] = read(path).split(`export interface ${name} {`);
  const own = body.slice(0, body.indexOf('\n}'));
  return new Map(
    [...own.matchAll(/@default (\d[\d_]*).*\*\/\n {2}(\w+)\?:/g)].map(([, value = '', key = '']) => [key, value]),
  );
}

test.each([
  { below: 'under `limits`:', path: './server/server-options.ts', name: 'A2AServerLimits', done: './server/server.ts' },
  { below: 'of `serveA2A`, beside `port` and `host`:', path: './server/serve-a2a.ts', name: 'ServeOptions' },
  { below: 'under `push`:', path: './push/create-push-notifications.ts', name: 'PushNotificationOptions' },
])('the limits $below have the defaults of the code', ({ below, path, name, done: where = path }) => {
  const [, section = ''] = text.split(below);
  const rows = [...section.slice(0, section.indexOf('\n\n', 2)).matchAll(/^\| `(\w+)` \| ([\d,]+) \|/gm)];
  expect(rows.length).toBeGreaterThan(0);
  const defaults = defaultsIn(path, name);
  for (const [, limit = '', value = ''] of rows) {
    expect(defaults.get(limit), limit).toBe(value.replaceAll(',', '_'));
    // What is documented is also what is done.
    const done = new RegExp(`\\b${limit}(?:: \\w+)? = (\\w+)`).exec(read(where))?.[1];
    expect([value.replaceAll(',', '_'), 'MAX_JSON_DEPTH'], limit).toContain(done);
  }
  if (name === 'A2AServerLimits') expect(rows.map(([, limit]) => limit)).toEqual([...defaults.keys()]);
});

interface Exchange {
  command: string;
  answer: string;
}

/** What stands in the document as `console`: a line of curl, and what it prints. */
const exchanges: Exchange[] = [...text.matchAll(/^```console\n(.*?)^```$/gms)].flatMap(([, block = '']) =>
  block
    .split(/^\$ (?=curl )/m)
    .slice(1)
    .map((each) => ({
      command: each.slice(0, each.indexOf('\n')),
      answer: each.slice(each.indexOf('\n') + 1).trimEnd(),
    })),
);

/** The request that a line of curl is, for the few options that the document uses. */
function requestOf(command: string): { request: Request; showsHead: boolean } {
  const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  const valuesOf = (option: string) => words.filter((_, index) => words[index - 1] === option);
  const headers = new Headers(
    valuesOf('-H').map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  );
  const [body] = valuesOf('-d');
  const method = valuesOf('-X')[0] ?? (body === undefined ? 'GET' : 'POST');
  const url = words.find((word) => word.startsWith('http://')) ?? '';
  const request = new Request(url, { method, headers, ...(body !== undefined && { body }) });
  return { request, showsHead: words.includes('-i') };
}

const uuids = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** Ids by the order in which they appear, without hours and comments: what is left may not change. */
function timeless(said: string): string {
  const seen = [...new Set(said.match(uuids))];
  return said
    .replace(uuids, (id) => `id-${seen.indexOf(id)}`)
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'HOUR')
    .replace(/^:.*\n\n/gm, '');
}

const bodyOf = (answer: string) => {
  const said = timeless(answer);
  return said.startsWith('{') ? JSON.parse(said) : said;
};

test('every exchange in the document is what the agent answers', async () => {
  await using agent = createA2AServer({
    card: { name: 'Echo', description: 'Says it again', url: 'http://127.0.0.1:4220' },
    httpJsonPath: '/rest',
    push: {},
    async *executor({ message }) {
      yield { artifact: { artifactId: 'echo', parts: message.parts } };
    },
  });
  expect(exchanges.length).toBeGreaterThan(8);
  // What the document calls by one id has another one here.
  const ids = new Map<string, string>();
  for (const { command, answer } of exchanges) {
    const here = command.replace(uuids, (id) => ids.get(id) ?? id);
    const { request, showsHead } = requestOf(here);
    const reply = await agent.app.fetch(request);
    const body = (await reply.text()).trimEnd();
    const [head, said] = showsHead ? answer.split(/\n\n(.*)/s) : ['', answer];
    expect(bodyOf(body), command).toEqual(bodyOf(said ?? ''));
    const [told, real] = [answer.match(uuids) ?? [], body.match(uuids) ?? []];
    told.forEach((id, index) => void ids.set(id, real[index] ?? id));
    const [status = '', ...lines] = head ? head.split('\n') : [];
    if (showsHead) expect(status, command).toContain(`HTTP/1.1 ${reply.status} `);
    for (const line of lines) {
      const [name = '', value] = line.split(': ');
      expect(reply.headers.get(name), `${command} ${name}`).toBe(value);
    }
  }
});

test('the document names every operation that there is', () => {
  const all: readonly OperationName[] = Object.keys(v1.methods) as OperationName[]; // a record's own keys
  expect(operations.map(({ operation }) => operation)).toEqual(all);
});
