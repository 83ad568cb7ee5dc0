/**
 * CortexPrism instances as the sending end reaches them, beside the nodes. One blocking call carries a directive and its
 * result. An instance knows no directive again and cannot be asked about one, so that what may have arrived is sent once
 * more only where a second run does no harm (`alo`); else its end is unknown.
 */
import { A2AClientError, type CortexTask, createCortexClient, type HttpPort } from '@skein/a2a-transport';
import {
  type DirectiveId,
  type DirectiveMetadata,
  type DirectiveResult,
  type NodeId,
  type Order,
  ProgramOutput,
  RESULT_MEDIA_TYPE,
} from '@skein/contracts';
import type { StreamResponse } from '@skein/contracts/a2a';
import { type Clock, linkedSignal } from '@skein/contracts/runtime';
import { z } from 'zod';
import { fromMessage } from '../directives/directive-message.ts';
import { RESULT_ARTIFACT } from '../directives/directive-task.ts';
import type { DirectivePeers } from '../directives/peer-port.ts';
import { SendEnded } from '../directives/send-failure.ts';
import type { OwnEligibility } from '../membership/own-eligibility.ts';
import { type CortexPeerEntry, type CortexPeers, databaseIdOf } from './cortex-peers.ts';
import { toCortexPayload } from './outgoing-order.ts';
import { fromCortexOutcome } from './outgoing-result.ts';

export interface CortexSenderDeps {
  self: NodeId;
  peers: CortexPeers;
  /** Who takes what goes to nodes. */
  nodes: DirectivePeers;
  own: Pick<OwnEligibility, 'requireOpen'>;
  http: HttpPort;
  clock: Clock;
}

const LOOK_EVERY_MS = 1_000;

export function withCortexPeers({ self, peers, nodes, own, http, clock }: CortexSenderDeps): DirectivePeers {
  const inFlight = new Map<DirectiveId, AbortController>();

  /** Waits for the end of a task that an instance answered with too early. */
  async function untilEnded(peer: CortexPeerEntry, endpoint: string, sent: CortexTask, until: Until) {
    const client = createCortexClient({ endpoint, http, clock });
    let task = sent;
    while (!task.outcome) {
      await clock.sleep(LOOK_EVERY_MS, until.signal);
      if (clock.now() >= until.atMs) throw new A2AClientError('TIMEOUT', `${peer.name} did not end the task in time`);
      const found = await client.getTask(task.id, { signal: until.signal, timeoutMs: until.atMs - clock.now() });
      if (!found) throw new A2AClientError('INVALID_REPLY', `${peer.name} knows the task no more`);
      task = found;
    }
    return { id: task.id, outcome: task.outcome };
  }

  return {
    async *send(target, params, signal, { mayHaveArrived } = { mayHaveArrived: false }) {
      const peer = peers.byId(target);
      if (!peer) return yield* nodes.send(target, params, signal);
      own.requireOpen();
      const { id, order, metadata } = fromMessage(params.message);
      if (mayHaveArrived && metadata.effect !== 'alo') throw unanswered('an earlier send of it was not answered');
      const { endpoint } = peer;
      if (endpoint === undefined) throw new SendEnded('rejected', noEndpoint(peer));
      const giveUp = new AbortController();
      const until = linkedSignal(signal, giveUp.signal);
      inFlight.set(id, giveUp);
      try {
        const asked = { messageId: id, kind: order.kind, payload: toCortexPayload(order), sourceNodeId: self };
        const timeoutMs = Math.max(1, metadata.remainingMs);
        const deadline = { signal: until.signal, atMs: clock.now() + timeoutMs };
        const client = createCortexClient({ endpoint, http, clock });
        const sent = await client.send({ ...asked, priority: metadata.priority }, { signal: until.signal, timeoutMs });
        const task = await untilEnded(peer, endpoint, sent, deadline);
        yield* told(id, task.id, order, fromCortexOutcome(order, task.outcome, peer));
      } catch (cause) {
        throw signal.aborted ? cause : endOf(cause, metadata.effect);
      } finally {
        inFlight.delete(id);
        until.clear();
      }
    },

    /** What it accepted has ended within the same call; what is not settled here by then nobody can be asked about. */
    async report(target, ids, signal) {
      if (!peers.byId(target)) return nodes.report(target, ids, signal);
      return { databaseId: databaseIdOf(target), directives: [], missing: [...ids] };
    },
    async acknowledge(target, ids, signal) {
      if (!peers.byId(target)) return nodes.acknowledge(target, ids, signal);
      return { databaseId: databaseIdOf(target), acknowledged: [...ids] };
    },
    /** Its CancelTask stops no work, and the task's id is told with its end alone: we stop waiting, and say so. */
    async cancel(target, id, cause, signal) {
      if (!peers.byId(target)) return nodes.cancel(target, id, cause, signal);
      const gone = unanswered(cause === 'caller' ? 'it was given up on its caller’s word' : 'its time to live ended');
      inFlight.get(id)?.abort(gone);
      throw gone;
    },
  };
}

interface Until {
  signal: AbortSignal;
  atMs: number;
}

const noEndpoint = ({ name }: CortexPeerEntry) => ({
  reason: 'cortex_no_endpoint',
  message: `cortex:${name} has no endpoint here any more; its operator can add it under cortex.peers`,
});

const unanswered = (why: string) =>
  new SendEnded('unknown', {
    reason: 'cortex_unanswered',
    message: `${why}; CortexPrism cannot be asked whether it was carried out`,
  });

/** Statuses of those who took nothing. */
const refusing: ReadonlySet<number | undefined> = new Set([401, 403, 404, 405, 413, 415]);
const refusals: ReadonlySet<string | undefined> = new Set(['METHOD_NOT_FOUND', 'INVALID_REQUEST', 'INVALID_PARAMS']);

/** What a failed call means: `classifyFailure` knows what is left of it. */
function endOf(cause: unknown, effect: DirectiveMetadata['effect']): unknown {
  if (!(cause instanceof A2AClientError) || cause.code === 'UNREACHABLE') return cause;
  const { code, rpc, status, message } = cause;
  if (code === 'NOT_A2A') return new SendEnded('rejected', { reason: 'cortex_ui_found', message });
  if (refusals.has(rpc?.reason) || refusing.has(status))
    return new SendEnded('rejected', { reason: 'cortex_refused', message });
  if (rpc) return new SendEnded('failed', { reason: 'cortex_error', message });
  return effect === 'alo' ? cause : unanswered(message);
}

const Agent = z.object({ response: z.string() });

/** The call's answer as a node's stream would tell it: what was said is output, too. */
function* told(id: DirectiveId, taskId: string, order: Order, result: DirectiveResult): Iterable<StreamResponse> {
  const ids = { taskId, contextId: id };
  yield { task: { id: taskId, contextId: id, status: { state: 'TASK_STATE_WORKING' } } };
  const program = order.kind === 'execute_task' ? ProgramOutput.safeParse(result.output).data : undefined;
  const agent = order.kind === 'spawn_agent' ? Agent.safeParse(result.output).data : undefined;
  const said = { stdout: program?.stdout ?? agent?.response, stderr: program?.stderr };
  for (const stream of ['stdout', 'stderr'] as const) {
    const text = said[stream];
    if (text) yield { artifactUpdate: { ...ids, artifact: { artifactId: stream, parts: [{ text }] }, append: true } };
  }
  const parts = [{ data: result, mediaType: RESULT_MEDIA_TYPE }];
  yield { artifactUpdate: { ...ids, artifact: { artifactId: RESULT_ARTIFACT, parts }, lastChunk: true } };
}
