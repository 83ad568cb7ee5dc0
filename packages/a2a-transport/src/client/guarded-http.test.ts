import { once } from 'node:events';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect as connectTcp } from 'node:net';
import { Hono } from 'hono';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { collect } from '../testing/collect.ts';
import { hooksCertificate } from '../testing/hooks-certificate.ts';
import { type ServedApp, serveApp } from '../testing/serve-app.ts';
import { createGuardedHttp, type GuardedHttp } from './guarded-http.ts';

type Dial = NonNullable<NonNullable<Parameters<typeof createGuardedHttp>[0]>['dial']>;

const PUBLIC = '93.184.216.34';
const open: GuardedHttp[] = [];
let served: ServedApp;
let requests: string[] = [];

const guarded = (options: Parameters<typeof createGuardedHttp>[0] = {}) => {
  const http = createGuardedHttp(options);
  open.push(http);
  return http;
};
const get = (http: GuardedHttp, url: string, signal = new AbortController().signal) =>
  http.request({ method: 'GET', url, headers: {}, signal });
const port = () => new URL(served.origin).port;

/** Dials for real, except to public addresses, where nobody answers. */
function createDialler(): { dial: Dial; dialled: string[] } {
  const dialled: string[] = [];
  const dial: Dial = ({ hostname, port }, callback) => {
    dialled.push(hostname);
    if (hostname === PUBLIC) return callback(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }), null);
    const socket = connectTcp(Number(port), hostname);
    socket.once('connect', () => callback(null, socket)).once('error', (error) => callback(error, null));
  };
  return { dial, dialled };
}

beforeAll(async () => {
  const app = new Hono().get('/elsewhere', (c) => c.redirect(`${served.origin}/secret`)).all('*', (c) => c.text('in'));
  served = await serveApp((request) => {
    requests.push(new URL(request.url).pathname);
    return app.fetch(request);
  });
});
afterEach(async () => {
  requests = [];
  vi.unstubAllEnvs();
  await Promise.all(open.splice(0).map((http) => http.close()));
});
afterAll(() => served.close());

test('an allowed origin is reached, and its neighbour on the next port is not', async () => {
  const http = guarded({ allow: [{ origin: served.origin }] });
  const reply = await get(http, `${served.origin}/a`);
  expect(Buffer.concat(await collect(reply.body)).toString()).toBe('in');
  expect(http.refusalOf(`${served.origin}/a`)).toBeUndefined();
  const narrow = guarded({ allow: [{ origin: `http://127.0.0.1:${Number(port()) - 1}` }] });
  await expect(get(narrow, `${served.origin}/b`)).rejects.toMatchObject({ code: 'UNREACHABLE' });
  expect(requests).toEqual(['/a']);
});

test('credentials in a URL are refused, wherever it leads', async () => {
  const http = guarded({ allow: [{ origin: served.origin }] });
  await expect(get(http, served.origin.replace('//', '//user:secret@'))).rejects.toMatchObject({ code: 'UNREACHABLE' });
  expect(requests).toEqual([]);
});

test('a block of addresses is reached by name, too, on its ports', async () => {
  const http = guarded({
    allow: [{ addresses: '127.0.0.0/8', ports: [Number(port())], plainHttp: true }],
    resolve: async () => ['127.0.0.1'],
  });
  const reply = await get(http, `http://hooks.example:${port()}/named`);
  await collect(reply.body);
  expect([reply.status, requests]).toEqual([200, ['/named']]);
});

test('a name that is public first and then this machine leads nowhere: no request arrives', async () => {
  const answers = [[PUBLIC], ['127.0.0.1'], ['::ffff:127.0.0.1'], [PUBLIC, '127.0.0.1'], []];
  const resolved: string[] = [];
  const { dial, dialled } = createDialler();
  const http = guarded({
    resolve: async (hostname) => {
      resolved.push(hostname);
      return answers.shift() ?? ['127.0.0.1'];
    },
    dial,
  });
  const url = `https://rebinding.example:${port()}/`;
  for (let time = 1; time <= 6; time += 1) {
    await expect(get(http, url)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: 'The host cannot be reached',
    });
    expect(resolved).toHaveLength(time); // once for each connection: what was vetted is what is dialled
  }
  expect(dialled).toEqual([PUBLIC]);
  expect(requests).toEqual([]);
});

test('the dialler of this test does reach this machine: the guard alone stands before it', async () => {
  const { dial, dialled } = createDialler();
  const http = guarded({
    allow: [{ origin: `http://hooks.example:${port()}` }],
    resolve: async () => ['127.0.0.1'],
    dial,
  });
  await collect((await get(http, `http://hooks.example:${port()}/`)).body);
  expect([dialled, requests]).toEqual([['127.0.0.1'], ['/']]);
});

test('a socket that leads elsewhere than was vetted is given up before a byte is sent', async () => {
  const dial: Dial = (_target, callback) => {
    const socket = connectTcp(Number(port()), '127.0.0.1');
    socket.once('connect', () => callback(null, socket));
  };
  const http = guarded({ resolve: async () => [PUBLIC], dial });
  await expect(get(http, 'https://hooks.example/')).rejects.toMatchObject({
    code: 'UNREACHABLE',
    cause: { message: 'The socket leads to another address than the one that was vetted' },
  });
  expect(requests).toEqual([]);
});

test('the next address is tried where the first does not answer', async () => {
  const { dial, dialled } = createDialler();
  const http = guarded({
    allow: [{ origin: `http://hooks.example:${port()}` }],
    resolve: async () => [PUBLIC, '127.0.0.1'],
    dial,
  });
  await collect((await get(http, `http://hooks.example:${port()}/`)).body);
  expect(dialled).toEqual([PUBLIC, '127.0.0.1']);
});

test.each(['https://127.0.0.1', 'https://2130706433', 'https://0x7f.1', 'https://[::1]', 'https://[::ffff:127.0.0.1]'])(
  'a literal address needs no resolver to be refused: %s',
  async (origin) => {
    const { dial, dialled } = createDialler();
    const http = guarded({ resolve: () => Promise.reject(new Error('never asked')), dial });
    await expect(get(http, `${origin}:${port()}/`)).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect([dialled, requests]).toEqual([[], []]);
  },
);

test.each(['file:///etc/passwd', 'data:text/plain,x', 'ftp://hooks.example/', 'http://hooks.example/', 'nonsense'])(
  '%s is refused, in words that say what is allowed',
  async (url) => {
    const http = guarded();
    expect(http.refusalOf(url)).toMatch(/^The URL has to be https on port 443/);
    await expect(get(http, url)).rejects.toMatchObject({ code: 'UNREACHABLE' });
  },
);

test('refused, unresolved and unreachable look the same', async () => {
  const { dial } = createDialler();
  const failures = await Promise.all(
    [async () => ['10.0.0.1'], async () => [PUBLIC], () => Promise.reject(new Error('ENOTFOUND'))].map((resolve) =>
      get(guarded({ resolve, dial }), 'https://hooks.example/').catch(({ code, message }) => ({ code, message })),
    ),
  );
  expect(new Set(failures.map((failure) => JSON.stringify(failure))).size).toBe(1);
});

test('a redirect is an answer, not a way', async () => {
  const http = guarded({ allow: [{ origin: served.origin }] });
  const reply = await get(http, `${served.origin}/elsewhere`);
  await collect(reply.body);
  expect([reply.status, requests]).toEqual([302, ['/elsewhere']]);
});

test('proxy variables are not read', async () => {
  const proxy = await serveApp(() => new Response('proxied'));
  for (const name of ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'ALL_PROXY']) vi.stubEnv(name, proxy.origin);
  vi.stubEnv('NODE_USE_ENV_PROXY', '1');
  const http = guarded({ allow: [{ origin: served.origin }] });
  const reply = await get(http, `${served.origin}/direct`);
  expect(Buffer.concat(await collect(reply.body)).toString()).toBe('in');
  await proxy.close();
});

test('an abort rejects with its own reason, also while a name is looked up', async () => {
  const controller = new AbortController();
  const pending = get(guarded({ resolve: () => new Promise(() => {}) }), 'https://hooks.example/', controller.signal);
  controller.abort(new Error('enough'));
  await expect(pending).rejects.toThrow('enough');
});

test('closing ends what is still looked up, twice', async () => {
  const http = guarded({ resolve: () => new Promise(() => {}) });
  const pending = get(http, 'https://hooks.example/');
  const refused = expect(pending).rejects.toMatchObject({ name: 'A2AClientError' });
  await Promise.all([http.close(), http.close()]);
  await refused;
});

test('over TLS the certificate is held to the name that was asked for, wherever that leads', async () => {
  const names: (string | false | null | undefined)[] = [];
  const server = createTlsServer(hooksCertificate, (_request, reply) => reply.end('in'));
  server.on('secureConnection', (socket) => names.push(socket.servername));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a TCP server that listens has one
  const allow = [{ addresses: '127.0.0.1', ports: [port] }];
  const resolve = async () => ['127.0.0.1'];
  const trusting = guarded({ allow, resolve, ca: hooksCertificate.cert });
  const reply = await get(trusting, `https://hooks.test:${port}/`);
  expect(Buffer.concat(await collect(reply.body)).toString()).toBe('in');
  await expect(get(trusting, `https://other.test:${port}/`)).rejects.toMatchObject({ code: 'UNREACHABLE' });
  await expect(get(trusting, `https://127.0.0.1:${port}/`)).rejects.toMatchObject({ code: 'UNREACHABLE' });
  await expect(get(guarded({ allow, resolve }), `https://hooks.test:${port}/`)).rejects.toMatchObject({
    code: 'UNREACHABLE',
  });
  expect(names).toContain('hooks.test');
  await trusting.close();
  await new Promise((done) => server.close(done));
});
