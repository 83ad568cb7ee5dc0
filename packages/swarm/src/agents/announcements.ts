/**
 * Tells of detached agents that have ended: a message in the mailbox that their order named, and an event. The rows say
 * which ends were not announced yet, so none is forgotten, and a mailbox takes each only once. A mailbox that is full takes
 * no more: the row and the event still say how the agent ended.
 */
import { type AgentView, MailId, type NodeId, type Recipient, type SwarmEvent } from '@skein/contracts';
import type { Message } from '@skein/contracts/a2a';
import type { Clock, Emitter, Logger, Random } from '@skein/contracts/runtime';
import type { OutboxStore } from '../directives/outbox-store.ts';
import { SwarmError } from '../errors.ts';
import type { FindAgent } from '../mail/find-agent.ts';
import { MAX_WAITING_MAIL } from '../mail/mail-bounds.ts';
import type { MailStore } from '../mail/mail-store.ts';
import { startPump } from '../pump.ts';
import { type AgentStore, DEFAULT_ANNOUNCE_TO } from './agent-store.ts';

export interface AnnouncementsDeps {
  self: NodeId;
  agents: Pick<AgentStore, 'listUnannounced' | 'markAnnounced'>;
  outbox: Pick<OutboxStore, 'find'>;
  mail: Pick<MailStore, 'deliver' | 'countWaiting'>;
  /** An order names an agent as people do; a mailbox goes by its id. */
  findAgent: FindAgent;
  events: Emitter<SwarmEvent>;
  clock: Clock;
  random: Pick<Random, 'uuid'>;
  logger: Logger;
}

export interface Announcements extends AsyncDisposable {
  /** There may be an end to announce. */
  wake(): void;
  /** Twice is as good as once. */
  stop(): Promise<void>;
}

const LOOK_EVERY_MS = 5_000;
const BATCH = 100;
const SUMMARY_CHARACTERS = 120;

export function startAnnouncements(deps: AnnouncementsDeps): Announcements {
  const { self, agents, outbox, mail, findAgent, events, clock, random, logger } = deps;

  async function announceAll(stopping: AbortSignal): Promise<number | undefined> {
    const ended = await agents.listUnannounced(self, BATCH);
    let announced = 0;
    for (const agent of ended) {
      if (stopping.aborted) return undefined;
      try {
        await announce(agent);
        announced += 1;
      } catch (cause) {
        if (isAway(cause)) throw cause; // for the others too
        logger.warn('the end of an agent could not be announced yet', { agentId: agent.id, cause });
      }
    }
    return announced === BATCH ? 0 : undefined; // there may be more
  }

  async function announce(agent: AgentView): Promise<void> {
    const recipient = await recipientOf(agent);
    const waiting = await mail.countWaiting(self, recipient);
    const delivered = waiting < MAX_WAITING_MAIL ? await deliver(agent, recipient) : undefined;
    if (!delivered)
      logger.warn('a mailbox is full; an agent’s end is not announced in it', { agentId: agent.id, recipient });
    await agents.markAnnounced(agent.id);
    if (delivered?.status === 'delivered')
      events.emit({ type: 'mail.received', mailId: delivered.mail.id, recipient, sourceNodeId: agent.nodeId });
    // Of its own agents the node has told already, when their ends were stored.
    if (agent.nodeId !== self) events.emit({ type: 'agent.ended', agent });
  }

  const deliver = (agent: AgentView, recipient: Recipient) =>
    mail.deliver({
      ...{ id: MailId.parse(random.uuid()), nodeId: self, recipient, contextId: agent.id, key: `agent:${agent.id}` },
      message: announcementOf(agent),
      provenance: { origin: 'announcement', sourceNodeId: agent.nodeId, directiveId: agent.directiveId },
    });

  async function recipientOf({ directiveId }: AgentView): Promise<Recipient> {
    const row = await outbox.find(self, directiveId);
    const announceTo = row?.order.kind === 'spawn_agent' ? row.order.payload.announceTo : undefined;
    if (!announceTo || 'session' in announceTo) return announceTo ?? DEFAULT_ANNOUNCE_TO;
    const agent = await findAgent(announceTo.agent);
    return agent ? { agent } : DEFAULT_ANNOUNCE_TO; // nobody of that name is here any more, or several are
  }

  const onError = (cause: unknown) => logger.warn('the ends of agents could not be announced yet', { cause });
  const pump = startPump(clock, announceAll, { everyMs: LOOK_EVERY_MS, onError });
  const unsubscribe = events.on('agent.ended', ({ agent }) => {
    if (agent.nodeId === self && agent.spawnedBy === self && agent.mode === 'detach') pump.wake();
  });
  const stop = () => {
    unsubscribe();
    return pump.stop();
  };
  return { wake: pump.wake, stop, [Symbol.asyncDispose]: stop };
}

const isAway = (cause: unknown) => cause instanceof SwarmError && cause.code === 'STORE_UNAVAILABLE';

/** What stands in the mailbox: a line for people, and everything for programs. */
function announcementOf(agent: AgentView): Message {
  return {
    messageId: agent.id,
    role: 'ROLE_AGENT',
    contextId: agent.id,
    parts: [{ text: summaryOf(agent) }, { data: agent }],
  };
}

function summaryOf({ name, state, result }: AgentView): string {
  const said = state === 'completed' ? result?.response : (result?.error?.message ?? result?.response);
  const line = (said ?? '').replace(/\s+/g, ' ').trim();
  const short = line.length > SUMMARY_CHARACTERS ? `${line.slice(0, SUMMARY_CHARACTERS)}…` : line;
  return short ? `${name} ${state}: ${short}` : `${name} ${state}`;
}
