import type { RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { nextTurn, silentLogger, systemClock, systemRandom } from '@skein/contracts/runtime';
import { type Context, Hono } from 'hono';
import { createHttpJsonBinding } from '../bindings/http-json.ts';
import { createJsonRpcBinding } from '../bindings/json-rpc.ts';
import { answerOtherMethod } from '../bindings/other-method.ts';
import { withSignatures } from '../cards/sign-card.ts';
import { writeCard } from '../dialects/v0-3/card.ts';
import { v03Dialect } from '../dialects/v0-3/dialect.ts';
import { v1 } from '../dialects/v1.ts';
import { MAX_JSON_DEPTH } from '../json-rpc/safe-json.ts';
import { createOperations, type OperationsDeps } from '../operations/create-operations.ts';
import type { PushNotifications } from '../push/push-notifications.ts';
import { pushFromSettings } from '../push/push-settings.ts';
import { PUSH_STATUS_EXTENSION } from '../push/push-status.ts';
import { createInMemoryTaskStore } from '../tasks/in-memory-task-store.ts';
import { TaskJournal } from '../tasks/task-journal.ts';
import { createAgentCardRoute } from './agent-card.ts';
import { createAgentMessages } from './agent-messages.ts';
import { assertOptions } from './assert-options.ts';
import { createOpenCalls } from './calls.ts';
import { createCardSource } from './card-source.ts';
import type { ServerExtension } from './extensions.ts';
import { answerByHono } from './http/hono-request.ts';
import { createNodeListener } from './http/node-listener.ts';
import { KeepAlive } from './keep-alive.ts';
import { createMessageRouter } from './message-router.ts';
import { createReception } from './reception.ts';
import type { A2AServerOptions } from './server-options.ts';

/** An agent server: an app to mount, its beginning and its end. */
export interface A2AServer extends AsyncDisposable {
  /** Where push notifications are sent: how the deliveries of a task stand. */
  readonly push: Pick<PushNotifications, 'deliveries'> | undefined;
  /** Serves the card and the endpoint; mount it at the root of any Hono app. */
  readonly app: Hono;
  /**
   * The same for Node's own server: `createServer(agent.listener)`. It answers calls without a web framework between. It reads
   * the body itself, so it stands before whatever parses bodies.
   */
  readonly listener: RequestListener;
  /**
   * Ends what an earlier life left running, truthfully, and goes on with push notifications that it left undelivered.
   * The first request does it where nobody has. Rejects with the store's error, and may be called again.
   */
  start(): Promise<void>;
  /** Ends open streams and aborts executors, then waits for them. A second call waits with the first. */
  close(): Promise<void>;
}

/** An A2A v1.0 agent over JSON-RPC and, where wanted, HTTP+JSON. */
export function createA2AServer(options: A2AServerOptions): A2AServer {
  assertOptions(options);
  const { clock = systemClock, random = systemRandom, logger = silentLogger } = options;
  const { maxBodyBytes = 1_048_576, maxDepth = MAX_JSON_DEPTH, maxBatch = 50 } = options.limits ?? {};
  const { keepAliveMs = 15_000, feedEvents = 256, cancelGraceMs = 5_000 } = options.limits ?? {};
  const { path = '/a2a', httpJsonPath, speaksV03 = true, refusalDomain = 'skein' } = options;
  const { authenticator, extendedCard, taskStore = createInMemoryTaskStore() } = options;
  const push = pushOf(options.push, { tasks: taskStore, clock, random, logger });
  const extensions = [...(options.extensions ?? []), ...(push ? [pushStatus] : [])];

  const endpoint = path.replace(/\/{1,8}$/, '');
  const executor = typeof options.executor === 'function' ? { execute: options.executor } : options.executor;
  const abilities = { path: endpoint, httpJsonPath, speaksV03, push: !!push, extendedCard: !!extendedCard };
  const card = createCardSource(options.card, extensions, abilities);
  const journal = new TaskJournal(taskStore, {
    feedEvents,
    onStep: ({ owner, task, events }) => events.length > 0 && push?.wake(owner, task.id),
  });
  const agent = createAgentMessages({ executor, taskStore, journal, push, clock, random, logger, cancelGraceMs });
  const handler = createMessageRouter(agent, extensions, card.own);
  const { cardSigners: signers = [] } = options;
  const extended: OperationsDeps['extendedCard'] =
    extendedCard &&
    (async (principal, context) => {
      const whole = card.changed(await extendedCard(principal, context));
      return signers.length > 0 ? withSignatures(whole, signers) : whole;
    });
  const operations = createOperations({ handler, card: card.own, extendedCard: extended, push, tasks: taskStore });
  const calls = createOpenCalls();
  const keepAlive = new KeepAlive(clock, keepAliveMs);

  let started = false;
  let starting: Promise<void> | undefined;
  let closing: Promise<void> | undefined;
  const start = async () => {
    if (started) return;
    starting ??= (async () => {
      await agent.recover();
      await push?.start();
      started = true;
    })().finally(() => {
      starting = undefined;
    });
    await starting;
  };
  const close = () => {
    closing ??= (async () => {
      await starting?.catch(() => {}); // told to whoever started
      await agent.close();
      await written(); // so that readers hear how their tasks ended
      calls.abortAll(new Error('The server closes'));
      keepAlive.stop();
      await push?.close();
    })();
    return closing;
  };

  const reception = createReception(
    {
      ...{ authenticator, declared: card.declared, challenge: card.challenge, calls, logger },
      isClosing: () => closing !== undefined,
      ready: () => (started ? undefined : start()),
    },
    { domain: refusalDomain, maxBodyBytes },
  );
  const gate = { declared: card.declared, guarded: authenticator !== undefined, domain: refusalDomain };
  const dialects = speaksV03 ? [v1, v03Dialect] : [v1];
  const answer = createJsonRpcBinding(
    { ...gate, operations, dialects, extensions, reception, keepAlive },
    { maxDepth, maxBatch },
  );
  const { cardMaxAgeSeconds: maxAgeSeconds = 60 } = options.limits ?? {};
  const cards = { card: card.full, clock, logger, maxAgeSeconds, signers, ...(speaksV03 && { toV03Card: writeCard }) };
  const app = new Hono().route('/', createAgentCardRoute(cards));
  const answerCall = (c: Context) => answerByHono(c, answer);
  const paths = endpoint === '' ? ['/'] : [endpoint, `${endpoint}/`];
  for (const at of paths) app.post(at, answerCall);
  // At the root a tenant would be any path at all.
  for (const at of endpoint === '' ? [] : ['/:tenant', '/:tenant/']) app.post(`${endpoint}${at}`, answerCall);
  if (httpJsonPath !== undefined) {
    app.route(
      httpJsonPath || '/',
      createHttpJsonBinding({ ...gate, operations, reception, keepAlive }, { maxDepth, ownsRest: httpJsonPath !== '' }),
    );
  }
  // After HTTP+JSON, which may have resources below the endpoint. At the root the rest is the application's own.
  for (const at of endpoint === '' ? [] : ['', '/', '/:tenant', '/:tenant/']) {
    app.on(otherMethods, `${endpoint}${at}`, answerOtherMethod);
  }
  const listener = createNodeListener({
    ...{ paths: new Set(paths), answer, logger },
    rest: getRequestListener(app.fetch, { overrideGlobalObjects: false }),
  });
  return { app, listener, push, start, close, [Symbol.asyncDispose]: close };
}

/** All but POST: a route that matches a call, too, makes Hono compose the two for each. */
const otherMethods = ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Lets the owner of a configuration read why nothing is delivered to it any more. */
const pushStatus: ServerExtension = {
  uri: PUSH_STATUS_EXTENSION,
  description: 'GetTaskPushNotificationConfig and ListTaskPushNotificationConfigs say how the deliveries stand',
};

function pushOf(given: A2AServerOptions['push'], deps: Parameters<typeof pushFromSettings>[1]) {
  return given === undefined || 'assertAllowed' in given ? given : pushFromSettings(given, deps);
}

/** A few turns of the loop, in which those who read along are told the last of it. */
async function written(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await nextTurn();
}
