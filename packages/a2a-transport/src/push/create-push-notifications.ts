import type { TaskPushNotificationConfig } from '@skein/contracts/a2a';
import { type BackoffOptions, type Clock, type Logger, type Random, silentLogger } from '@skein/contracts/runtime';
import type { GuardedHttp } from '../client/guarded-http.ts';
import { A2AError } from '../errors.ts';
import type { TaskOwner, TaskStore } from '../tasks/task-store.ts';
import type { DeliveryDeps } from './delivery.ts';
import { brokenHeader, masked } from './delivery-headers.ts';
import { DeliveryLine, type LineDeps } from './delivery-line.ts';
import { DeliveryLines } from './delivery-lines.ts';
import { FairTurns } from './fair-turns.ts';
import type { PushConfigStore, StoredPushConfig } from './push-config-store.ts';
import type { PushNotifications } from './push-notifications.ts';
import { pushDelivery } from './push-status.ts';

interface PushNotificationDeps {
  configs: PushConfigStore;
  tasks: Pick<TaskStore, 'events' | 'find'>;
  /** Its `refusalOf` decides which URLs are taken at all. */
  http: Pick<GuardedHttp, 'request' | 'refusalOf'>;
  clock: Clock;
  /** Jitter, and ids of configurations that come without. */
  random: Random;
  /** Told of failures and of configurations that were disabled, by task and id. @default says nothing */
  logger?: Logger;
  /** The body for receivers of A2A v0.3. @default theirs is as v1.0's */
  writeV03?: NonNullable<DeliveryDeps['writeV03']>;
}

export interface PushNotificationOptions {
  /** Deliveries under way at once, over all tasks. @default 128 */
  concurrency?: number;
  /** Those of one owner, so that slow receivers hold up nobody else's notifications. @default 8 */
  concurrencyPerOwner?: number;
  /** How long a receiver may take to answer, in milliseconds. @default 10_000 */
  timeoutMs?: number;
  /** Failures in a row that disable a configuration. @default 10 */
  maxFailures?: number;
  /** Waits between failures; the cap bounds `Retry-After`, too. @default from 2_000 up to 600_000, which takes ten failures over minutes */
  backoff?: BackoffOptions;
  /** Configurations of one task. @default 20 */
  maxConfigs?: number;
  /** Configurations that a start reads at once. @default 200 */
  startPage?: number;
}

const MAX_ID = 128;
const MAX_URL = 2_048;

/**
 * Posts what happens to tasks to whoever their owners named: at least once, for each configuration in the order of the
 * task's log, until the last event is taken or the receiver failed ten times in a row. What is open survives in the
 * stores; `start` takes it up again.
 */
export function createPushNotifications(
  deps: PushNotificationDeps,
  options: PushNotificationOptions = {},
): PushNotifications {
  const { configs, tasks, http, clock, random, logger = silentLogger, writeV03 } = deps;
  const { concurrency = 128, concurrencyPerOwner: perOwner = 8, timeoutMs = 10_000 } = options;
  const { maxFailures = 10, maxConfigs = 20, startPage = 200 } = options;
  const backoff = { baseMs: 2_000, capMs: 600_000, ...options.backoff };
  const turns = new FairTurns({ concurrency, perOwner });
  const lineDeps: LineDeps = {
    configs,
    tasks,
    http,
    clock,
    random,
    logger,
    writeV03,
    timeoutMs,
    turns,
    maxFailures,
    backoff,
  };
  const lines = new DeliveryLines((config, onEnd) => new DeliveryLine(config, lineDeps, onEnd));
  let starting: Promise<void> | undefined;
  let closing: Promise<void> | undefined;

  function assertAllowed(config: TaskPushNotificationConfig): void {
    const { url, id = '' } = config;
    const refusal =
      (url.length > MAX_URL ? `A URL has at most ${MAX_URL} characters` : http.refusalOf(url)) ??
      brokenHeader(config) ??
      (id.length > MAX_ID ? `An id has at most ${MAX_ID} characters` : undefined);
    if (refusal) throw new A2AError('INVALID_PARAMS', `The push notification configuration is not taken: ${refusal}`);
  }

  /** All of a task, at most `maxConfigs`. */
  const all = (owner: TaskOwner, taskId: string) => configs.list(owner, taskId, { limit: maxConfigs });

  async function takeUpAll(): Promise<void> {
    let after: Pick<StoredPushConfig, 'taskId' | 'id'> | undefined;
    while (!closing) {
      const page = await configs.unfinished(after, startPage);
      for (const config of page) lines.takeUp(config);
      after = page.at(-1);
      if (!after || page.length < startPage) return;
    }
  }

  async function startLines(): Promise<void> {
    lines.beginStart();
    try {
      await takeUpAll();
    } catch (cause) {
      starting = undefined; // it may be tried again
      throw cause;
    } finally {
      lines.endStart();
    }
  }

  const close = () => {
    closing ??= lines.close();
    return closing;
  };
  return {
    assertAllowed,
    async create(owner, taskId, config, { after, protocolVersion }) {
      assertAllowed(config);
      const id = config.id || random.uuid();
      const complete = { ...config, id, taskId };
      return lines.change(taskId, async () => {
        const known = await all(owner, taskId);
        const before = known.find((each) => each.id === id);
        if (known.length >= maxConfigs && !before) {
          throw new A2AError(
            'INVALID_PARAMS',
            `A task takes at most ${maxConfigs} push notification configurations: delete one first`,
          );
        }
        // What a disabled one did not take is still owed: whoever mended the receiver waits for just that.
        const from = before?.state === 'disabled' ? Math.min(before.delivered, after) : after;
        lines.replace(await configs.put({ owner, taskId, id, config: complete, protocolVersion, after: from }));
        return complete;
      });
    },
    async find(owner, taskId, id) {
      const found = await configs.find(owner, taskId, id);
      return found && masked(found.config);
    },
    async list(owner, { taskId, pageSize, pageToken }) {
      const limit = Math.min(pageSize || maxConfigs, maxConfigs);
      const afterId = readToken(pageToken);
      const found = await configs.list(owner, taskId, { limit: limit + 1, ...(afterId !== undefined && { afterId }) });
      const page = found.slice(0, limit);
      const last = page.at(-1);
      return {
        configs: page.map(({ config }) => masked(config)),
        nextPageToken: found.length > limit && last ? writeToken(last.id) : '',
      };
    },
    async remove(owner, taskId, id) {
      await lines.change(taskId, async () => {
        await configs.remove(owner, taskId, id);
        lines.drop(owner, taskId, id);
      });
    },
    wake: (_owner, taskId) => lines.wake(taskId),
    async deliveries(owner, taskId) {
      return (await all(owner, taskId)).map(pushDelivery);
    },
    start() {
      starting ??= startLines();
      return starting;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** A token holds the id that its page ended with, behind a letter, so that no token is empty. */
function writeToken(id: string): string {
  return Buffer.from(`a${id}`).toString('base64url');
}

function readToken(token: string | undefined): string | undefined {
  if (!token) return undefined;
  const text = Buffer.from(token, 'base64url').toString();
  if (text.startsWith('a') && writeToken(text.slice(1)) === token) return text.slice(1);
  throw new A2AError('INVALID_PARAMS', 'The pageToken is none that this agent gave out');
}
