import type { AgentCard } from '@skein/contracts/a2a';
import {
  type Clock,
  type Logger,
  type Random,
  silentLogger,
  systemClock,
  systemRandom,
} from '@skein/contracts/runtime';
import { Hono } from 'hono';
import { createDispatcher, type Method } from '../json-rpc/dispatcher.ts';
import { MAX_JSON_DEPTH } from '../json-rpc/safe-json.ts';
import { createAgentCardRoute } from './agent-card.ts';
import type { AgentExecutor } from './agent-executor.ts';
import { createAgentMessages } from './agent-messages.ts';
import { createOpenCalls } from './calls.ts';
import { type ServerExtension, withExtensions } from './extensions.ts';
import { createGate, type GatedContext, type MethodRule } from './gate.ts';
import { createInMemoryTaskStore } from './in-memory-task-store.ts';
import type { MessageHandler } from './message-handler.ts';
import { createMessageRouter } from './message-router.ts';
import { cancelTask } from './methods/cancel-task.ts';
import { getTask } from './methods/get-task.ts';
import { sendMessage } from './methods/send-message.ts';
import { sendStreamingMessage } from './methods/send-streaming-message.ts';
import type { Authenticator } from './principal.ts';
import { createRpcRoutes } from './routes.ts';
import type { TaskStore } from './task-store.ts';

/** What the server takes from a caller, and how patient it is. */
export interface A2AServerLimits {
  /** Largest request body in bytes; beyond it the answer is 413. @default 1_048_576 */
  maxBodyBytes?: number;
  /** Deepest nesting of a request's JSON. @default 64 */
  maxDepth?: number;
  /** Most calls in one batch. @default 50 */
  maxBatch?: number;
  /** Silence on a stream after which a comment keeps it alive, in milliseconds. @default 15_000 */
  keepAliveMs?: number;
  /** Events that a stream's reader may be behind before it is cut off. @default 1_024 */
  maxBufferedEvents?: number;
  /** How long a cancelled executor may take to stop, in milliseconds. @default 5_000 */
  cancelGraceMs?: number;
  /** How long a reader may keep the agent card, in seconds. @default 60 */
  cardMaxAgeSeconds?: number;
}

/** What an agent server is made with. */
export interface A2AServerOptions {
  /** Who the agent is. A function is asked anew for each request. The server adds its extensions to it. */
  card: AgentCard | (() => AgentCard);
  /** The agent behind the server. */
  executor: AgentExecutor;
  /** @default in memory, 10,000 tasks */
  taskStore?: TaskStore;
  /** What it speaks beyond A2A. @default nothing */
  extensions?: readonly ServerExtension[];
  /** Without one the server is open, and nobody has a principal. */
  authenticator?: Authenticator;
  /** Where JSON-RPC is served, with and without a trailing slash. @default '/a2a' */
  path?: string;
  /** ErrorInfo domain for missing and refused credentials. @default 'skein' */
  refusalDomain?: string;
  /** @default the system's */
  clock?: Clock;
  /** Ids of tasks and messages. @default the system's */
  random?: Random;
  /** Told of internal errors, which callers do not see. @default says nothing */
  logger?: Logger;
  /** What is taken from a caller at the most. */
  limits?: A2AServerLimits;
}

/** An agent server: an app to mount, and its end. */
export interface A2AServer extends AsyncDisposable {
  /** Serves the card and the endpoint; mount it at the root of any Hono app. */
  readonly app: Hono;
  /** Ends open streams and aborts executors, then waits for them. A second call waits with the first. */
  close(): Promise<void>;
}

/** An A2A v1.0 agent over JSON-RPC. */
export function createA2AServer(options: A2AServerOptions): A2AServer {
  const { clock = systemClock, random = systemRandom, logger = silentLogger, extensions = [] } = options;
  const {
    maxBodyBytes = 1_048_576,
    maxDepth = MAX_JSON_DEPTH,
    maxBatch = 50,
    keepAliveMs = 15_000,
  } = options.limits ?? {};
  const { maxBufferedEvents = 1_024, cancelGraceMs = 5_000, cardMaxAgeSeconds = 60 } = options.limits ?? {};
  const { path = '/a2a', refusalDomain = 'skein', authenticator, executor } = options;
  const { taskStore = createInMemoryTaskStore() } = options;
  const card = publishedCard(options.card, extensions);
  const declared = () => card().capabilities.extensions ?? [];

  const agent = createAgentMessages({ executor, taskStore, clock, random, logger, maxBufferedEvents, cancelGraceMs });
  const { methods, rules } = createMethods(createMessageRouter(agent, extensions), card, extensions);
  const gate = createGate({ rules, declared, guarded: authenticator !== undefined, domain: refusalDomain });
  const dispatch = createDispatcher(methods, gate);
  const calls = createOpenCalls();
  let closing: Promise<void> | undefined;

  const close = () => {
    closing ??= (async () => {
      calls.abortAll(new Error('The server closes'));
      await agent.close();
    })();
    return closing;
  };
  const app = new Hono()
    .route('/', createAgentCardRoute({ card, clock, maxAgeSeconds: cardMaxAgeSeconds }))
    .route(
      '/',
      createRpcRoutes(
        { dispatch, authenticator, declared, calls, isClosing: () => closing !== undefined, clock, logger },
        { path, domain: refusalDomain, maxBodyBytes, maxDepth, maxBatch, keepAliveMs },
      ),
    );
  return { app, close, [Symbol.asyncDispose]: close };
}

/** A fixed card is put together once; a function is asked each time. */
function publishedCard(own: A2AServerOptions['card'], extensions: readonly ServerExtension[]): () => AgentCard {
  if (typeof own === 'function') return () => withExtensions(own(), extensions);
  const card = withExtensions(own, extensions);
  return () => card;
}

/** A2A's own methods and those of the extensions, each with what stands before it. */
function createMethods(handler: MessageHandler, card: () => AgentCard, extensions: readonly ServerExtension[]) {
  const methods = new Map<string, Method<GatedContext>>([
    ['SendMessage', sendMessage(handler)],
    ['SendStreamingMessage', sendStreamingMessage(handler, card)],
    ['GetTask', getTask(handler)],
    ['CancelTask', cancelTask(handler)],
  ]);
  const rules = new Map<string, MethodRule>([
    ['SendMessage', { public: false }],
    ['SendStreamingMessage', { public: false, streams: true }],
    ['GetTask', { public: false }],
    ['CancelTask', { public: false }],
  ]);
  for (const { uri, methods: own = {} } of extensions) {
    for (const [name, method] of Object.entries(own)) {
      if (methods.has(name)) throw new Error(`Two methods are named ${name}`);
      methods.set(name, (params, context) => method.handle(params, context));
      rules.set(name, { public: method.public ?? false, extension: uri });
    }
  }
  return { methods, rules };
}
