import type { Clock, Logger, Random } from '@skein/contracts/runtime';
import type { AgentCardSigner } from '../cards/sign-card.ts';
import type { ExtendedCard } from '../operations/get-extended-agent-card.ts';
import type { PushNotifications } from '../push/push-notifications.ts';
import type { PushSettings } from '../push/push-settings.ts';
import type { TaskStore } from '../tasks/task-store.ts';
import type { AgentExecutor } from './agent-executor.ts';
import type { AgentDescription } from './card-source.ts';
import type { ServerExtension } from './extensions.ts';
import type { Authenticator } from './principal.ts';

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
  /** Events of a task that its readers find in memory; who is further behind reads from the store. @default 256 */
  feedEvents?: number;
  /** How long a cancelled executor may take to stop, in milliseconds. @default 5_000 */
  cancelGraceMs?: number;
  /** How long a reader may keep the agent card, in seconds. @default 60 */
  cardMaxAgeSeconds?: number;
}

/** What an agent server is made with. */
export interface A2AServerOptions {
  /**
   * Who the agent is: its name, and as much of A2A's card as there is to say. What is left out the server fills in with
   * what it does. A function is asked anew for each request.
   */
  card: AgentDescription | (() => AgentDescription);
  /** The agent behind the server. */
  executor: AgentExecutor | AgentExecutor['execute'];
  /** @default in memory, 10,000 tasks */
  taskStore?: TaskStore;
  /** How push notifications are sent; `{}` is in memory, to public https addresses. @default none are */
  push?: PushSettings | PushNotifications;
  /** What callers who have proved who they are read beyond the public card. Needs an authenticator. @default none */
  extendedCard?: ExtendedCard;
  /** Each signs the card. @default none */
  cardSigners?: readonly AgentCardSigner[];
  /** What it speaks beyond A2A. @default nothing */
  extensions?: readonly ServerExtension[];
  /** Without one the server is open, and nobody has a principal. */
  authenticator?: Authenticator;
  /** Where JSON-RPC is served, with and without a trailing slash, and below it with a tenant. @default '/a2a' */
  path?: string;
  /** Where HTTP+JSON is served: a prefix such as `/a2a/rest`, or '' for the root. @default it is not */
  httpJsonPath?: string;
  /** Whether A2A v0.3 is spoken beside v1.0. @default true */
  speaksV03?: boolean;
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
