import type { StreamResponse, Task } from '@skein/contracts/a2a';
import { backoffMs, type Clock, type Logger, nextTurn, type Random, type TurnEnd } from '@skein/contracts/runtime';
import type { TaskJournal } from '../tasks/task-journal.ts';
import { type TaskOwner, TaskStoreError } from '../tasks/task-store.ts';
import { Outcome } from './outcome.ts';

export interface StepWriterDeps {
  journal: Pick<TaskJournal, 'commit'>;
  clock: Clock;
  random: Random;
  atTurnEnd: TurnEnd;
  logger: Logger;
}

interface StepWriterOptions {
  owner: TaskOwner;
  taskId: string;
  /** Number of the task's last event before this execution. */
  after: number;
  /** Told of each step once it is stored. The next one waits for what this comes to. */
  onStored(task: Task, step: { first: boolean; last: boolean }): Promise<void> | undefined;
  /** What was told cannot be stored, whatever is the matter: asks for an end that goes on from where the task was stored last. */
  onLost(cause: unknown, stored: Task): { task: Task; event: StreamResponse };
  /** Nothing more of the execution will be stored. */
  onGivenUp(cause: unknown): void;
}

/** Failures in a row of one step, over half a minute or so, after which what it holds is given up. */
const PATIENCE = 8;

/** Events that an executor may be ahead of the store. */
const MAX_AHEAD = 256;

/**
 * Writes one execution into its task's log, step by step. What is told while the store is busy is stored together, in one step.
 * The store is asked again and again for as long as it fails: a task that was told to somebody never stays behind what became
 * of it.
 */
export class StepWriter {
  readonly #deps: StepWriterDeps;
  readonly #options: StepWriterOptions;
  readonly #closing = new AbortController();
  #isClosing = false;
  #seq: number;
  #task: Task | undefined;
  /** As it was stored last. */
  #stored: Task | undefined;
  #pending: StreamResponse[] = [];
  /** Whether the next step is the last. */
  #over = false;
  #stopped = false;
  #isLost = false;
  /** Whether a write is due at the end of the turn. */
  #due = false;
  #writing = false;
  #room: Outcome<void> | undefined;

  constructor(deps: StepWriterDeps, options: StepWriterOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#seq = options.after;
  }

  /** Number of the last event that is stored. */
  get seq(): number {
    return this.#seq;
  }

  /** Whether so much waits to be stored that its teller should wait too. */
  get isBehind(): boolean {
    return this.#pending.length >= MAX_AHEAD;
  }

  /** Resolves with the next step that is stored, or when nothing more will be. */
  nextStep(): Promise<void> {
    this.#room ??= new Outcome();
    return this.#room.promise;
  }

  /** For the next step. */
  add(event: StreamResponse): void {
    this.#pending.push(event);
  }

  /**
   * The task as what was added has left it. The last step is written at once, any other once what is ready now has run: with all
   * that this adds.
   */
  write(task: Task, { last }: { last: boolean }): void {
    this.#task = task;
    if (last) {
      this.#over = true;
      this.#writeOn();
    } else if (!this.#due) {
      this.#due = true;
      this.#deps.atTurnEnd(() => {
        this.#due = false;
        this.#writeOn();
      });
    }
  }

  /** Nobody waits any longer: what fails now is given up. */
  close(): void {
    this.#isClosing = true;
    this.#closing.abort();
  }

  /** Writes nothing more. */
  stop(): void {
    this.#stopped = true;
    this.#room?.resolve();
  }

  #writeOn(): void {
    if (!this.#writing) void this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    const { clock, random } = this.#deps;
    this.#writing = true;
    for (let attempt = 0; this.#task && !this.#stopped && (this.#pending.length > 0 || this.#over); ) {
      const step = { task: this.#task, events: this.#pending, last: this.#over };
      this.#pending = [];
      try {
        await this.#store(step);
        attempt = 0;
        // Before the next step: an executor that never waits must not hold everybody up.
        if (!this.#stopped) await nextTurn();
      } catch (cause) {
        this.#pending = [...step.events, ...this.#pending];
        if (this.#givesUp(cause, attempt)) break;
        if (attempt === PATIENCE && !this.#isLost) {
          this.#lose(cause);
          attempt = 0;
        }
        await clock.sleep(backoffMs(attempt, random, { capMs: 10_000 }), this.#closing.signal).catch(() => {}); // closing
        attempt += 1;
      }
    }
    this.#writing = false;
  }

  async #store({ task, events, last }: { task: Task; events: StreamResponse[]; last: boolean }): Promise<void> {
    const { owner, after } = this.#options;
    const first = this.#seq === after;
    const storing = this.#deps.journal.commit({ owner, task, after: this.#seq, events, running: !last });
    if (storing) await storing;
    this.#stored = task;
    this.#seq += events.length;
    this.#room?.resolve();
    this.#room = undefined;
    const heard = this.#options.onStored(task, { first, last });
    if (heard) await heard;
  }

  /** An execution that nobody has heard of, a task that somebody else has moved, or one more try while the server closes. */
  #givesUp(cause: unknown, attempt: number): boolean {
    const { after, taskId, onGivenUp } = this.#options;
    this.#deps.logger.error('task could not be stored', { taskId, attempt, error: cause });
    const unheard = this.#seq === after;
    if (!unheard && !this.#isClosing && !(cause instanceof TaskStoreError)) return false;
    onGivenUp(cause);
    return true;
  }

  #lose(cause: unknown): void {
    this.#isLost = true;
    if (!this.#stored) return; // nobody has heard of it: then it was given up
    const { task, event } = this.#options.onLost(cause, this.#stored);
    this.#task = task;
    this.#pending = [event];
    this.#over = true;
  }
}
