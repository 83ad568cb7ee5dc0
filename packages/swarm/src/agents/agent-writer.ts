/**
 * Keeps one agent's row up to date while it runs. News that come fast are written together, at most once a second. The
 * last of them is never lost: what was not written yet is handed back at the end, to be written with it.
 */
import { type AgentId, type AgentView, laterUsage } from '@skein/contracts';
import type { Clock, Logger } from '@skein/contracts/runtime';
import { startPump } from '../pump.ts';
import type { AgentProgress, AgentStore } from './agent-store.ts';

export interface AgentWriterDeps {
  agents: Pick<AgentStore, 'progress'>;
  clock: Clock;
  logger: Logger;
  /** The row after a write; undefined where it has ended by somebody else's word. */
  onStored: (agent: AgentView | undefined) => void;
}

export interface AgentWriter {
  /** What is `urgent` is written at once, whatever was written a moment ago. */
  note(news: AgentProgress, urgent?: boolean): void;
  /** Lets a write under way end and writes no more; what is left to be written. */
  stop(): Promise<AgentProgress | undefined>;
}

const WRITE_EVERY_MS = 1_000;
const IDLE_MS = 60_000;

export function startAgentWriter({ agents, clock, logger, onStored }: AgentWriterDeps, id: AgentId): AgentWriter {
  let waiting: AgentProgress | undefined;
  let hurry = false;
  let wroteAt = Number.NEGATIVE_INFINITY;

  async function write(): Promise<number | undefined> {
    if (!waiting) return undefined;
    const restMs = wroteAt + WRITE_EVERY_MS - clock.now();
    if (restMs > 0 && !hurry) return restMs;
    const news = waiting;
    waiting = undefined;
    hurry = false;
    wroteAt = clock.now();
    try {
      onStored(await agents.progress(id, news));
      return undefined;
    } catch (cause) {
      waiting = mergeProgress(news, waiting);
      logger.warn('news of an agent could not be stored yet', { agentId: id, cause });
      return WRITE_EVERY_MS;
    }
  }

  const onError = (cause: unknown) => logger.error('news of an agent could not be told', { agentId: id, cause });
  const pump = startPump(clock, write, { everyMs: IDLE_MS, onError });
  return {
    note(news, urgent = false) {
      waiting = mergeProgress(waiting, news);
      hurry ||= urgent;
      pump.wake();
    },
    async stop() {
      await pump.stop();
      return waiting;
    },
  };
}

/** The later news over the earlier ones; usage only ever rises. */
export function mergeProgress(earlier: AgentProgress | undefined, later: AgentProgress | undefined): AgentProgress {
  const usage =
    earlier?.usage && later?.usage ? laterUsage(earlier.usage, later.usage) : (later?.usage ?? earlier?.usage);
  return { ...earlier, ...later, ...(usage && { usage }) };
}
