/**
 * Kill and steer at an agent's home: for its spawner and for nodes that may rule here, and for the node's own operator.
 * A steering word stands in the agent's mailbox, and on its input where it takes lines, once however often it is said.
 */
import {
  type AgentId,
  type AgentView,
  isAgentEnd,
  type KillAgentParams,
  type KillAgentReply,
  MailId,
  type NodeId,
  type SteerAgentParams,
  type SteerAgentReply,
  type SwarmEvent,
  type Tier,
} from '@skein/contracts';
import type { Clock, Emitter, Random } from '@skein/contracts/runtime';
import type { z } from 'zod';
import { answersWithin } from '../answers-within.ts';
import { SwarmError, type SwarmErrorCode } from '../errors.ts';
import { MAX_WAITING_MAIL } from '../mail/mail-bounds.ts';
import type { MailStore } from '../mail/mail-store.ts';
import { refuse } from '../wire-errors.ts';
import type { AgentHost } from './agent-host.ts';
import type { AgentStore } from './agent-store.ts';

export interface AgentCommandsDeps {
  self: NodeId;
  agents: Pick<AgentStore, 'find'>;
  host: Pick<AgentHost, 'kill' | 'steer'>;
  mail: Pick<MailStore, 'deliver' | 'countWaiting'>;
  /** The rights of a node here; undefined where it is not known. */
  tierOf: (node: NodeId) => Promise<Tier | undefined>;
  events: Pick<Emitter<SwarmEvent>, 'emit'>;
  clock: Clock;
  random: Pick<Random, 'uuid'>;
}

type KillOrder = z.infer<typeof KillAgentParams>;
type SteerOrder = z.infer<typeof SteerAgentParams>;

export interface AgentCommands {
  /** Ends an agent of this node. Errors: AGENT_NOT_FOUND. */
  kill(order: KillOrder): Promise<AgentView>;
  /** Errors: AGENT_NOT_FOUND, AGENT_ENDED, MAILBOX_FULL. */
  steer(from: NodeId, order: SteerOrder): Promise<SteerAgentReply>;
  /** `SwarmKillAgent` and `SwarmSteerAgent`: the same for another node, where it may. Errors: refusals for the wire. */
  takeKill(from: NodeId, order: KillOrder): Promise<z.infer<typeof KillAgentReply>>;
  takeSteer(from: NodeId, order: SteerOrder): Promise<SteerAgentReply>;
}

/** Whether a node may end or steer an agent of another: its own, or any where it rules. */
async function mayCommand(
  caller: NodeId,
  agent: Pick<AgentView, 'spawnedBy'>,
  tierOf: AgentCommandsDeps['tierOf'],
): Promise<boolean> {
  if (agent.spawnedBy === caller) return true;
  const tier = await tierOf(caller);
  return tier === 'root' || tier === 'sudo';
}

/** An agent that does not read its input holds nobody up: the word stands in its mailbox. */
const WRITE_WITHIN_MS = 2_000;
const REMEMBERED_WORDS = 1_000;

export function createAgentCommands(deps: AgentCommandsDeps): AgentCommands {
  const { self, agents, host, mail, tierOf, events, clock, random } = deps;
  /** Words that were heard, so that one that is said again gets the same answer. */
  const heard = new Map<string, Promise<SteerAgentReply>>();

  async function requireHere(id: AgentId): Promise<AgentView> {
    const agent = await agents.find(id);
    if (agent?.nodeId === self) return agent;
    throw agentNotFound(id);
  }

  async function kill({ agentId, reason }: KillOrder): Promise<AgentView> {
    const agent = await host.kill(agentId, reason);
    if (!agent) throw agentNotFound(agentId);
    return agent;
  }

  async function steer(from: NodeId, order: SteerOrder): Promise<SteerAgentReply> {
    const key = `${order.agentId}/${order.messageId}`;
    const before = heard.get(key);
    if (before) return before;
    const answer = deliver(from, order);
    heard.set(key, answer);
    const [oldest] = heard.keys();
    if (heard.size > REMEMBERED_WORDS && oldest !== undefined) heard.delete(oldest);
    answer.catch(() => heard.delete(key)); // it was not heard
    return answer;
  }

  async function deliver(from: NodeId, { agentId, messageId, text }: SteerOrder): Promise<SteerAgentReply> {
    const agent = await requireHere(agentId);
    if (isAgentEnd(agent.state))
      throw new SwarmError('AGENT_ENDED', `agent ${agentId} is ${agent.state} and hears nothing any more`, {
        metadata: { agentId, state: agent.state },
      });
    const recipient = { agent: agentId };
    if ((await mail.countWaiting(self, recipient)) >= MAX_WAITING_MAIL)
      throw new SwarmError('MAILBOX_FULL', `the mailbox of agent ${agentId} is full; acknowledge what waits there`, {
        metadata: { agentId },
      });
    const delivered = await mail.deliver({
      ...{ id: MailId.parse(random.uuid()), nodeId: self, recipient, contextId: agentId, key: `steer:${messageId}` },
      message: { messageId, role: 'ROLE_USER', contextId: agentId, parts: [{ text }] },
      provenance: { origin: 'steering', sourceNodeId: from, directiveId: null },
    });
    const mailId = delivered.mail.id;
    if (delivered.status === 'duplicate') return { mailId, delivered: 'mailbox' }; // an earlier life heard it
    events.emit({ type: 'mail.received', mailId, recipient, sourceNodeId: from });
    let isWritten = false;
    await answersWithin(clock, WRITE_WITHIN_MS, async () => {
      isWritten = await host.steer(agentId, { messageId, from, text });
    });
    return { mailId, delivered: isWritten ? 'stdin' : 'mailbox' };
  }

  async function requireMay(from: NodeId, id: AgentId): Promise<void> {
    const agent = await requireHere(id);
    if (await mayCommand(from, agent, tierOf)) return;
    throw new SwarmError('FORBIDDEN', 'only the spawner of an agent, and nodes of tier sudo or root, may do this', {
      metadata: { agentId: id },
    });
  }

  return {
    kill,
    steer,
    takeKill: (from, order) =>
      onTheWire(async () => {
        await requireMay(from, order.agentId);
        return { agent: await kill(order) };
      }),
    takeSteer: (from, order) =>
      onTheWire(async () => {
        await requireMay(from, order.agentId);
        return steer(from, order);
      }),
  };
}

export function agentNotFound(id: AgentId): SwarmError {
  return new SwarmError('AGENT_NOT_FOUND', `no agent ${id} is known here; list the agents to see which are`, {
    metadata: { agentId: id },
  });
}

const httpStatuses: Partial<Record<SwarmErrorCode, number>> = {
  AGENT_NOT_FOUND: 404,
  AGENT_ENDED: 409,
  FORBIDDEN: 403,
  MAILBOX_FULL: 429,
};

async function onTheWire<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const status = cause instanceof SwarmError ? httpStatuses[cause.code] : undefined;
    if (!(cause instanceof SwarmError) || status === undefined) throw cause;
    throw refuse(cause.code, cause.message, status, { ...cause.metadata }, cause);
  }
}
