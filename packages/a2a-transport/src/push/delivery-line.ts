import { isTerminal, type StreamResponse } from '@skein/contracts/a2a';
import { type BackoffOptions, backoffMs, type Logger, type Random } from '@skein/contracts/runtime';
import { gapSnapshot } from '../tasks/streamed-event.ts';
import type { LoggedEvent, TaskStore } from '../tasks/task-store.ts';
import { type DeliveryDeps, type DeliveryOutcome, deliver, type Notification } from './delivery.ts';
import type { FairTurns } from './fair-turns.ts';
import type { PushConfigStore, StoredPushConfig } from './push-config-store.ts';

export interface LineDeps extends DeliveryDeps {
  configs: Pick<PushConfigStore, 'delivered' | 'failed'>;
  tasks: Pick<TaskStore, 'events' | 'find'>;
  random: Random;
  logger: Logger;
  /** Shared by all lines. A turn is one delivery, so that a long log keeps no place from others. */
  turns: FairTurns;
  maxFailures: number;
  backoff: Required<BackoffOptions>;
}

/** Events that are read at once, for the turns to come. */
const EVENTS_A_READ = 16;

/** What a turn left: nothing to do, more of it, a wait before the next try, or the end of the line. */
type Turn = { next: 'idle' | 'more' | 'end' } | { next: 'wait'; ms: number };

/**
 * Delivers the log of one task to one receiver, event after event: the next is posted once the one before was taken.
 *
 *     idle → (wake) → taking turns ⇄ waiting after a failure
 *       ↑___________________│└→ ended (last event taken, disabled, stopped)
 *
 * An idle line is an object and nothing more: no timer, no promise, no row read.
 */
export class DeliveryLine {
  readonly #deps: LineDeps;
  readonly #config: StoredPushConfig;
  readonly #onEnd: () => void;
  readonly #end = new AbortController();
  #delivered: number;
  #failures: number;
  /** Troubles of our own in a row, which are not the receiver's failures. */
  #troubles = 0;
  /** What the receiver took and the store does not know yet. */
  #unrecorded: { seq: number; last: boolean } | undefined;
  /** Read already, and not posted yet. */
  #ahead: Notification[] = [];
  #endChecked = false;
  #woken = false;
  #running: Promise<void> | undefined;

  constructor(config: StoredPushConfig, deps: LineDeps, onEnd: () => void) {
    this.#config = config;
    this.#deps = deps;
    this.#onEnd = onEnd;
    this.#delivered = config.delivered;
    this.#failures = config.failures;
  }

  get config(): StoredPushConfig {
    return this.#config;
  }

  /** The task's log may have grown. */
  wake(): void {
    if (this.#end.signal.aborted) return;
    this.#woken = true;
    this.#running ??= this.#run();
  }

  /** Ends the line at once, in the middle of a delivery, too. Resolves when nothing of it runs any more. */
  async stop(): Promise<void> {
    this.#end.abort(new Error('The deliveries were stopped'));
    await this.#running;
  }

  async #run(): Promise<void> {
    const { turns, clock } = this.#deps;
    const { signal } = this.#end;
    while (this.#woken && !signal.aborted) {
      this.#woken = false;
      const turn = await turns.take(this.#config.owner, () => this.#turn());
      if (turn.next === 'end') this.#finish();
      if (turn.next === 'more') this.#woken = true;
      if (turn.next !== 'wait') continue;
      this.#woken = true;
      await clock.sleep(turn.ms, signal).catch(() => {}); // stopped
    }
    this.#running = undefined; // in the same breath as the last look: no wake falls between the two
  }

  #finish(): void {
    this.#end.abort(new Error('The deliveries have ended'));
    this.#onEnd();
  }

  async #turn(): Promise<Turn> {
    try {
      const turn = await this.#deliverNext();
      this.#troubles = 0;
      return turn;
    } catch (error) {
      if (this.#end.signal.aborted) return { next: 'idle' };
      const { taskId, id: configId } = this.#config;
      this.#deps.logger.error('push notifications are held up', { taskId, configId, error });
      this.#troubles += 1;
      return { next: 'wait', ms: this.#backoff(this.#troubles) };
    }
  }

  async #deliverNext(): Promise<Turn> {
    const { signal } = this.#end;
    if (signal.aborted) return { next: 'idle' };
    if (await this.#record()) return { next: 'end' };
    if (this.#ahead.length === 0) this.#ahead = await this.#read();
    const notification = this.#ahead.shift();
    if (!notification || signal.aborted) return { next: 'idle' };
    const outcome = await deliver(this.#config, notification, this.#deps, signal);
    if (outcome.status === 'failed') {
      this.#ahead = []; // the wait may be long: nothing is held through it
      return this.#failed(outcome);
    }
    this.#failures = 0;
    this.#delivered = notification.seq;
    this.#unrecorded = { seq: notification.seq, last: notification.last };
    return { next: (await this.#record()) ? 'end' : 'more' };
  }

  /** Tells the store what was taken; true when that was the last. A store that fails is told again, nobody posted to. */
  async #record(): Promise<boolean> {
    const taken = this.#unrecorded;
    if (!taken) return false;
    await this.#deps.configs.delivered(this.#config, taken.seq, taken.last);
    this.#unrecorded = undefined;
    return taken.last;
  }

  async #failed(failure: Extract<DeliveryOutcome, { status: 'failed' }>): Promise<Turn> {
    const { configs, logger, maxFailures, backoff } = this.#deps;
    const { taskId, id: configId } = this.#config;
    const { reason, gone, cause } = failure;
    this.#failures += 1;
    const disable = gone || this.#failures >= maxFailures;
    const fields = { taskId, configId, failures: this.#failures, reason, ...(cause !== undefined && { error: cause }) };
    await configs.failed(this.#config, { reason, disable });
    if (disable) {
      logger.warn('push notifications disabled', fields);
      return { next: 'end' };
    }
    logger.info('push notification failed', fields);
    const asked = Math.min(failure.retryAfterMs ?? 0, backoff.capMs);
    return { next: 'wait', ms: Math.max(asked, this.#backoff(this.#failures)) };
  }

  #backoff(inARow: number): number {
    return backoffMs(inARow - 1, this.#deps.random, this.#deps.backoff);
  }

  /** What comes next: events as they were logged, or the task as a whole for v0.3 and where events are no longer kept. */
  async #read(): Promise<Notification[]> {
    const { tasks, writeV03, logger } = this.#deps;
    const { owner, taskId, id: configId, protocolVersion } = this.#config;
    const whole = protocolVersion === '0.3' && writeV03 !== undefined;
    const events = await tasks.events(owner, taskId, this.#delivered, whole ? 1 : EVENTS_A_READ);
    const [first] = events;
    if (!first) return this.#checkEnd();
    const gap = first.seq > this.#delivered + 1;
    if (!gap && !whole) return events.map(notificationOf);
    if (gap) logger.warn('events are no longer kept: the task is told as a whole', { taskId, configId });
    const found = await tasks.find(owner, taskId);
    if (!found || found.seq <= this.#delivered) return [];
    const { task, seq } = found;
    const event = gap ? gapSnapshot(task, this.#delivered, seq + 1) : { task };
    return [{ seq, event, task, last: isTerminal(task.status.state) }];
  }

  /** A configuration that was made after the task's last event has nothing to wait for. Asked once a life. */
  async #checkEnd(): Promise<Notification[]> {
    if (this.#endChecked) return [];
    const found = await this.#deps.tasks.find(this.#config.owner, this.#config.taskId);
    this.#endChecked = true;
    if (found && isTerminal(found.task.status.state) && found.seq <= this.#delivered) {
      this.#unrecorded = { seq: this.#delivered, last: true };
      this.#woken = true;
    }
    return [];
  }
}

function notificationOf({ seq, event }: LoggedEvent): Notification {
  return { seq, event, last: endsTask(event) };
}

/** Nothing follows a terminal state. */
function endsTask(event: StreamResponse): boolean {
  if ('task' in event) return isTerminal(event.task.status.state);
  return 'statusUpdate' in event && isTerminal(event.statusUpdate.status.state);
}
