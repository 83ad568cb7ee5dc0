import { assertKnownOptions, type KeysOf } from '../known-options.ts';
import type { PushSettings } from '../push/push-settings.ts';
import type { A2AServerLimits, A2AServerOptions } from './server-options.ts';

const serverKeys: KeysOf<A2AServerOptions> = {
  ...{ card: true, executor: true, taskStore: true, push: true, extendedCard: true, cardSigners: true },
  ...{ extensions: true, authenticator: true, path: true, httpJsonPath: true, speaksV03: true, refusalDomain: true },
  ...{ clock: true, random: true, logger: true, limits: true },
};
const meantKeys = {
  store: 'taskStore',
  tasks: 'taskStore',
  agentCard: 'card',
  execute: 'executor',
  auth: 'authenticator',
};
const pushKeys: KeysOf<PushSettings> = {
  ...{ configs: true, allow: true, http: true, concurrency: true, concurrencyPerOwner: true, timeoutMs: true },
  ...{ maxFailures: true, backoff: true, maxConfigs: true, startPage: true },
};
const meantPushKeys = { store: 'configs', configStore: 'configs', pushConfigs: 'configs' };
const limitKeys: KeysOf<A2AServerLimits> = {
  ...{ maxBodyBytes: true, maxDepth: true, maxBatch: true, keepAliveMs: true, feedEvents: true },
  ...{ cancelGraceMs: true, cardMaxAgeSeconds: true },
};
/** What may be none at all. */
const mayBeZero: ReadonlySet<string> = new Set(['feedEvents', 'cancelGraceMs', 'cardMaxAgeSeconds', 'maxConfigs']);

/**
 * What the types say already, for programs without types: a mistake is told where it was made and not with the first
 * message, or the first restart.
 */
export function assertOptions(options: A2AServerOptions): void {
  const given: unknown = options;
  if (!isObject(given)) throw new TypeError('An agent is made with options: { card: { name: "Echo" }, executor }');
  assertKnownOptions(given, serverKeys, { meant: meantKeys });
  assertAgent(options);
  assertPaths(options);
  assertCallers(options);
  assertHas(options.taskStore, 'taskStore', ['commit', 'find', 'list', 'events', 'running']);
  if (options.limits !== undefined) {
    if (!isObject(options.limits)) throw new TypeError('limits is an object, such as { maxBodyBytes: 1_048_576 }');
    assertKnownOptions(options.limits, limitKeys, { where: 'limits.' });
    assertNumbers(options.limits, Object.keys(limitKeys), 'limits.');
  }
  assertPush(options.push);
}

function assertAgent({ card, executor }: A2AServerOptions): void {
  const execute: unknown = typeof executor === 'function' ? executor : executor?.execute;
  if (typeof execute !== 'function') {
    throw new TypeError('executor must be an async generator function, or an object with one named execute');
  }
  if (isPlainFunction(execute)) {
    throw new TypeError('executor must be an async generator: write `async *executor({ message }) { yield … }`');
  }
  if (typeof card === 'function') return; // asked when it is needed
  if (typeof card?.name !== 'string' || card.name === '') {
    throw new TypeError('card must name the agent: `card: { name: "Echo", description: "Says it again" }`');
  }
  const url: unknown = card.url;
  if (url !== undefined && !(typeof url === 'string' && isWebAddress(url))) {
    throw new TypeError('card.url is the address at which the agent is reached, such as https://agent.example');
  }
}

function assertPaths({ path = '/a2a', httpJsonPath }: A2AServerOptions): void {
  for (const [key, value] of Object.entries({ path, httpJsonPath })) {
    const said: unknown = value;
    if (said === undefined || said === '' || (typeof said === 'string' && said.startsWith('/'))) continue;
    throw new TypeError(`${key} begins with a slash, such as "/agent", or is empty for the root`);
  }
  const bare = (each: string) => each.replace(/\/{1,8}$/, '');
  if (httpJsonPath !== undefined && bare(path) === bare(httpJsonPath)) {
    throw new TypeError(
      'httpJsonPath differs from path: the card names an address for each, such as "/a2a" and "/rest"',
    );
  }
}

function assertCallers({ authenticator, extendedCard }: A2AServerOptions): void {
  const given: unknown = authenticator;
  if (given !== undefined && !(isObject(given) && typeof given.authenticate === 'function')) {
    throw new TypeError(
      'authenticator is an object: `{ async authenticate({ headers }) { return { status: "anonymous" } } }`',
    );
  }
  if (extendedCard && !authenticator) {
    throw new TypeError('extendedCard needs an authenticator: it is for callers who have proved who they are');
  }
}

function assertPush(push: A2AServerOptions['push']): void {
  const given: unknown = push;
  if (given === undefined) return;
  if (!isObject(given)) throw new TypeError('push is an object: `push: {}` sends, and leaving it out does not');
  if ('assertAllowed' in given) return; // a service of the caller's own
  assertKnownOptions(given, pushKeys, { where: 'push.', meant: meantPushKeys });
  const { configs, allow = [] } = given;
  assertHas(configs, 'push.configs', ['put', 'find', 'list', 'unfinished']);
  assertNumbers(
    given,
    ['concurrency', 'concurrencyPerOwner', 'timeoutMs', 'maxFailures', 'maxConfigs', 'startPage'],
    'push.',
  );
  if (!Array.isArray(allow) || allow.some((target) => !isObject(target))) {
    throw new TypeError('push.allow is a list of targets such as { origin: "http://127.0.0.1:4000" }');
  }
}

function assertHas(port: unknown, where: string, methods: readonly string[]): void {
  if (port === undefined) return;
  const missing = methods.filter((name) => !isObject(port) || typeof port[name] !== 'function');
  if (missing.length > 0) throw new TypeError(`${where} is a store, and this one has no ${missing.join(', ')}`);
}

function assertNumbers(given: object, keys: readonly string[], where: string): void {
  const values = new Map<string, unknown>(Object.entries(given));
  for (const key of keys) {
    const value = values.get(key);
    if (value === undefined) continue;
    const least = mayBeZero.has(key) ? 0 : 1;
    if (typeof value !== 'number' || !(value >= least)) {
      throw new TypeError(`${where}${key} is a number from ${least} up`);
    }
  }
}

/** An `async` function without its star answers a promise, which nobody can iterate. */
function isPlainFunction(execute: object): boolean {
  return Object.prototype.toString.call(execute) === '[object AsyncFunction]';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWebAddress(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}
