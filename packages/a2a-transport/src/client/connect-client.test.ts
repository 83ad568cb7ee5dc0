import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { createAgentCardCache } from '../cards/card-cache.ts';
import { writeCard } from '../dialects/v0-3/card.ts';
import { createA2AServer } from '../server/server.ts';
import { createLinkedHttp } from '../testing/linked-http.ts';
import { serveApp } from '../testing/serve-app.ts';
import { createTestCard } from '../testing/test-agent.ts';
import { chooseInterface, type InterfaceRules, type SpokenVersion } from './choose-interface.ts';
import { connectA2AClient } from './connect-client.ts';
import { textOf } from './text-of.ts';

const at = (protocolBinding: string, protocolVersion: string, url: string) => ({
  url,
  protocolBinding,
  protocolVersion,
});

describe('which interface is called', () => {
  const rules: InterfaceRules = { cardUrl: 'http://card.test/', withCredentials: false, trustedOrigins: [] };
  const rpc1 = at('JSONRPC', '1.0', 'http://a.test/1');
  const rpc1b = at('JSONRPC', '1.0', 'http://b.test/1');
  const rpc03 = at('JSONRPC', '0.3', 'http://a.test/03');
  const rest = at('HTTP+JSON', '1.0', 'http://a.test/rest');
  test.each<{ offered: (typeof rpc1)[]; versions?: SpokenVersion[]; endpoint: string | undefined; version?: string }>([
    { offered: [rpc1, rpc1b], endpoint: rpc1.url, version: '1.0' },
    { offered: [rest, rpc1b, rpc1], endpoint: rpc1b.url, version: '1.0' },
    { offered: [rpc03, rpc1], endpoint: rpc1.url, version: '1.0' },
    { offered: [rpc03, rest], endpoint: rpc03.url, version: '0.3' },
    { offered: [rpc03, rpc1], versions: ['0.3', '1.0'], endpoint: rpc03.url, version: '0.3' },
    { offered: [at('JSONRPC', '0.3.0', 'http://a.test/03')], endpoint: rpc03.url, version: '0.3' },
    { offered: [at('JSONRPC', '1.0', '/a2a')], endpoint: 'http://card.test/a2a', version: '1.0' },
    { offered: [at('JSONRPC', '1.0', 'ftp://a.test/'), rpc1], endpoint: rpc1.url, version: '1.0' },
    { offered: [rpc03, rest], versions: ['1.0'], endpoint: undefined },
    { offered: [at('GRPC', '1.0', 'http://a.test/'), at('JSONRPC', '2.0', 'http://a.test/2')], endpoint: undefined },
  ])('of $offered it is $endpoint', ({ offered, versions = ['1.0', '0.3'], endpoint, version }) => {
    const choose = () => chooseInterface({ name: 'It', supportedInterfaces: offered }, versions, rules);
    if (endpoint === undefined) expect(choose).toThrow(expect.objectContaining({ code: 'NOT_OFFERED' }));
    else expect(choose()).toEqual({ endpoint, version, tenant: undefined });
  });

  test('who finds none is told what there is', () => {
    const choose = () => chooseInterface({ name: 'It', supportedInterfaces: [rest] }, ['1.0'], rules);
    expect(choose).toThrow(
      'It offers HTTP+JSON 1.0 at http://a.test/rest; spoken here: JSONRPC 1.0, over http or https',
    );
  });
});

describe('a card leads with credentials', () => {
  const choose = (urls: string[], rules: Partial<InterfaceRules>) =>
    chooseInterface({ name: 'It', supportedInterfaces: urls.map((url) => at('JSONRPC', '1.0', url)) }, ['1.0'], {
      ...{ cardUrl: 'https://card.test/', withCredentials: true, trustedOrigins: [] },
      ...rules,
    }).endpoint;

  test.each<{ what: string; urls: string[]; rules?: Partial<InterfaceRules>; to: string }>([
    { what: 'to its own origin', urls: ['https://card.test:443/a2a'], to: 'https://card.test/a2a' },
    { what: 'to what is told from there', urls: ['a2a'], to: 'https://card.test/a2a' },
    {
      what: 'to an origin that the caller names',
      urls: ['https://api.test/a2a'],
      rules: { trustedOrigins: ['https://API.test/'] },
      to: 'https://api.test/a2a',
    },
    {
      what: 'to the first interface that may have them',
      urls: ['https://evil.test/', 'http://card.test/', 'https://card.test/a2a'],
      to: 'https://card.test/a2a',
    },
    {
      what: 'nowhere else but without them',
      urls: ['https://b.test/'],
      rules: { withCredentials: false },
      to: 'https://b.test/',
    },
  ])('$what', ({ urls, rules = {}, to }) => {
    expect(choose(urls, rules)).toBe(to);
  });

  test.each<{ url: string; rules?: Partial<InterfaceRules>; says: string }>([
    {
      url: 'https://evil.test/a',
      says: 'Credentials would go to https://evil.test, while its card is at https://card.test',
    },
    { url: 'https://card.test:8443/', says: 'Credentials would go to https://card.test:8443' },
    { url: 'https://card.test.evil.test/', says: 'name it in trustedOrigins' },
    { url: 'https://card.test@evil.test/', says: 'Credentials would go to https://evil.test' },
    { url: '//evil.test/', says: 'Credentials would go to https://evil.test' },
    {
      url: 'http://127.0.0.1/admin',
      rules: { cardUrl: 'http://card.test/' },
      says: 'Credentials would go to http://127.0.0.1',
    },
    { url: 'http://card.test/', rules: { withCredentials: false }, says: 'was read over https' },
    { url: 'http://card.test/', rules: { trustedOrigins: ['http://card.test'] }, says: 'was read over https' },
  ])('never to $url', ({ url, rules = {}, says }) => {
    const thrown = { name: 'A2AClientError', code: 'NOT_OFFERED', message: expect.stringContaining(says) };
    expect(() => choose([url], rules)).toThrow(expect.objectContaining(thrown));
  });

  test('a trusted origin that is none is said to be', () => {
    expect(() => choose(['https://b.test/'], { trustedOrigins: ['b.test'] })).toThrow(/"b.test", which is no origin/);
  });
});

test('what authorize says reaches another origin than the card only where it is named', async () => {
  const [cards, calls] = ['http://agent.test', 'http://api.test'];
  const heard: (string | null)[] = [];
  await using agent = echo(calls);
  const elsewhere = (request: Request) => {
    heard.push(request.headers.get('authorization'));
    return agent.app.fetch(request);
  };
  const http = createLinkedHttp(
    new Map([
      [cards, agent.app.fetch],
      [calls, elsewhere],
    ]),
  );
  const authorize = async () => ({ authorization: 'Bearer secret' });
  await expect(connectA2AClient(cards, { http, authorize })).rejects.toMatchObject({ code: 'NOT_OFFERED' });
  expect(heard).toEqual([]);
  const trusting = await connectA2AClient(cards, { http, authorize, trustedOrigins: [calls] });
  await trusting.sendMessage('hello');
  await (await connectA2AClient(cards, { http })).sendMessage('hello');
  expect(heard).toEqual(['Bearer secret', null]);
});

const origin = 'http://agent.test';
const echo = (url = origin) =>
  createA2AServer({
    card: { name: 'Echo', url },
    executor: async function* ({ message }) {
      yield { artifact: { parts: message.parts } };
    },
  });

test('an address is enough; connections of its own end with the client, twice', async () => {
  let url = '';
  await using agent = createA2AServer({
    card: () => ({ name: 'Echo', url }),
    executor: async function* ({ message }) {
      yield { artifact: { parts: message.parts } };
    },
  });
  await using served = await serveApp(agent.app.fetch);
  url = served.origin;
  const client = await connectA2AClient(`${served.origin}/`);
  expect(client).toMatchObject({ version: '1.0', card: { name: 'Echo' } });
  expect(textOf(await client.sendMessage('hello'))).toBe('hello');
  await client.close();
  await client.close();
  await expect(client.sendMessage('hello')).rejects.toMatchObject({ name: 'A2AClientError' });
});

test('a cache spares the card, and pins are held to', async () => {
  await using agent = echo();
  let cards = 0;
  const http = createLinkedHttp(
    new Map([
      [
        origin,
        (request: Request) => {
          if (request.method === 'GET') cards += 1;
          return agent.app.fetch(request);
        },
      ],
    ]),
  );
  const cache = createAgentCardCache();
  for (const _ of [1, 2]) await (await connectA2AClient(origin, { http, cache })).sendMessage('hello');
  expect(cards).toBe(1);
  const pins = { hash: 'another' };
  await expect(connectA2AClient(origin, { http, pins })).rejects.toMatchObject({ code: 'CARD_NOT_TRUSTED' });
});

describe('an agent of v0.3', () => {
  const old = (path: string) => {
    const agent = echo();
    const card = writeCard(createTestCard({ supportedInterfaces: [at('JSONRPC', '0.3', `${origin}/a2a`)] }));
    const app = new Hono().get(path, (c) => c.json(card)).post('/a2a', (c) => agent.app.fetch(c.req.raw));
    return createLinkedHttp(new Map([[origin, app.fetch]]));
  };

  test.each(['/.well-known/agent-card.json', '/.well-known/agent.json'])(
    'is found by its card at %s and spoken to in its words',
    async (path) => {
      const client = await connectA2AClient(origin, { http: old(path) });
      expect(client.version).toBe('0.3');
      expect(textOf(await client.sendMessage('hello'))).toBe('hello');
      await expect(client.listTasks()).rejects.toMatchObject({ code: 'NOT_OFFERED' });
    },
  );

  test('is not spoken to where only v1.0 is wanted', async () => {
    const http = old('/.well-known/agent-card.json');
    await expect(connectA2AClient(origin, { http, versions: ['1.0'] })).rejects.toMatchObject({
      code: 'INVALID_REPLY',
    });
  });
});

test('a tenant that the card names is sent along', async () => {
  const bodies: unknown[] = [];
  const card = createTestCard({ supportedInterfaces: [{ ...at('JSONRPC', '1.0', `${origin}/a2a`), tenant: 'blue' }] });
  const app = new Hono()
    .get('/.well-known/agent-card.json', (c) => c.json(card))
    .post('/a2a', async (c) => {
      const body = await c.req.json();
      bodies.push(body.params);
      return c.json({ jsonrpc: '2.0', id: body.id, result: { id: 't', status: { state: 'TASK_STATE_WORKING' } } });
    });
  const client = await connectA2AClient(origin, { http: createLinkedHttp(new Map([[origin, app.fetch]])) });
  await client.getTask({ id: 't' });
  await client.getTask({ id: 't', tenant: 'red' });
  expect(bodies).toEqual([
    { id: 't', tenant: 'blue' },
    { id: 't', tenant: 'red' },
  ]);
});

test('what is no address is said to be none', async () => {
  await expect(connectA2AClient('nonsense')).rejects.toThrow(/^An agent is reached at an address such as/);
});

test('who finds no card is told where it was looked for, without what is secret in the address', async () => {
  const nothing = async function* () {};
  const http = { request: async () => ({ status: 404, headers: new Headers(), body: nothing() }) };
  await expect(connectA2AClient('http://ada:s3cret@agent.test', { http, versions: ['1.0'] })).rejects.toMatchObject({
    code: 'HTTP_STATUS',
    message: `The peer answered 404 at ${origin}/.well-known/agent-card.json`,
  });
});

test('options that neither the connecting nor the client has are refused', async () => {
  await using agent = echo();
  const http = createLinkedHttp(new Map([[origin, agent.app.fetch]]));
  const options: object = { http, headers: { authorization: 'Bearer secret' } };
  await expect(connectA2AClient(origin, options)).rejects.toThrow('There is no option headers: did you mean authorize');
});
