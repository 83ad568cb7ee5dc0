/**
 * Calls another node's A2A endpoint, each call signed for that node alone. A peer whose clock is elsewhere says so
 * under its signature; the offset is kept, and the call is made once more.
 */
import { A2AClientError, createA2AClient, type HttpPort } from '@skein/a2a-transport';
import { type NodeId, SWARM_EXTENSION_URI } from '@skein/contracts';
import type { SendMessageParams, StreamResponse } from '@skein/contracts/a2a';
import type { Clock, Random } from '@skein/contracts/runtime';
import type { z } from 'zod';
import { verifyEvents } from '../directives/signed-events.ts';
import { issueCallToken, readClockOffset } from '../security/call-token.ts';
import type { NodeIdentity } from '../security/node-identity.ts';
import { type ExpectedReply, readReply } from '../security/signed-reply.ts';

/** Where a peer is and which key is its own. */
export interface PeerAddress {
  nodeId: NodeId;
  /** The origin that it listens on. */
  origin: string;
  /** Its public key: SPKI in DER, base64url. */
  key: string;
}

export interface PeerCallerDeps {
  identity: NodeIdentity;
  http: HttpPort;
  clock: Clock;
  random: Random;
}

interface PeerCallOptions {
  signal: AbortSignal;
  /** For the whole reply, or for a stream's first event. @default 10_000 */
  timeoutMs?: number;
}

export interface PeerCaller {
  /** How long the peer took for its last answer to a call that it answers at once, in milliseconds. */
  latencyMs(peer: NodeId): number | undefined;
  /** Calls a method of our extension and reads its reply, which the peer signed. Errors: A2AClientError, or the signal's reason. */
  call<S extends z.ZodType>(
    peer: PeerAddress,
    method: string,
    params: unknown,
    reply: S,
    options: PeerCallOptions,
  ): Promise<z.output<S>>;
  stream(peer: PeerAddress, params: SendMessageParams, options: PeerCallOptions): AsyncIterable<StreamResponse>;
  /** The same as `call` for a peer that does not know us yet: unsigned. */
  callUnsigned<S extends z.ZodType>(
    origin: string,
    method: string,
    params: unknown,
    reply: S,
    options: PeerCallOptions,
  ): Promise<z.output<S>>;
}

const DEFAULT_TIMEOUT_MS = 10_000;
/** A directive's result holds the output of a program: up to 1 MiB a stream, escaped, and in base64 where it is signed. */
const MAX_REPLY_BYTES = 24 * 1_048_576;
/** Two clocks that tell whole milliseconds agree to one: a caller that is told the time stays behind it, never ahead. */
const CLOCK_GRAIN_MS = 1;
/** Their answers wait for something to end. */
const takesItsTime: ReadonlySet<string> = new Set(['SwarmCancelDirective', 'SwarmKillAgent', 'SwarmSetEligibility']);
/** Calls whose answer may still come; older ones are forgotten. */
const REMEMBERED_CALLS = 1_024;

export function endpointOf(origin: string): string {
  return `${origin.replace(/\/+$/, '')}/a2a`;
}

export function createPeerCaller({ identity, http, clock, random }: PeerCallerDeps): PeerCaller {
  const offsets = new Map<NodeId, number>();
  const issued = new Set<string>();
  const latencies = new Map<NodeId, number>();

  function authorize(peer: PeerAddress, jti: string, body: Uint8Array): Record<string, string> {
    issued.add(jti);
    const [oldest] = issued;
    if (issued.size > REMEMBERED_CALLS && oldest !== undefined) issued.delete(oldest);
    const clockOffsetMs = offsets.get(peer.nodeId) ?? 0;
    const token = issueCallToken({ identity, clock }, { audience: peer.nodeId, body, jti, clockOffsetMs });
    return { authorization: `Bearer ${token}` };
  }

  const common = { http, clock, extensions: [SWARM_EXTENSION_URI], maxReplyBytes: MAX_REPLY_BYTES };
  /** A client for one call, and what a genuine answer to that call looks like. */
  const prepare = (peer: PeerAddress) => {
    const jti = random.uuid();
    const authorized = async ({ body }: { body: Uint8Array }) => authorize(peer, jti, body);
    const client = createA2AClient({ ...common, endpoint: endpointOf(peer.origin), authorize: authorized });
    const expected: ExpectedReply = { peerKey: peer.key, call: { id: jti, caller: identity.nodeId } };
    return { client, expected };
  };

  /** Whether the peer's clock was the trouble, and is known now. */
  function learnClock(peer: PeerAddress, cause: unknown): boolean {
    const rpc = cause instanceof A2AClientError ? cause.rpc : undefined;
    const time = rpc?.reason === 'CLOCK_SKEW' ? rpc.metadata?.time : undefined;
    if (time === undefined) return false;
    try {
      const offsetMs = readClockOffset(time, { peerKey: peer.key, clock, isOurs: (jti) => issued.has(jti) });
      offsets.set(peer.nodeId, offsetMs - CLOCK_GRAIN_MS);
      return true;
    } catch {
      return false; // not the peer's word: the refusal stands
    }
  }

  async function* stream(
    peer: PeerAddress,
    params: SendMessageParams,
    options: PeerCallOptions,
  ): AsyncIterable<StreamResponse> {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, signal } = options;
    const open = () => {
      const { client, expected } = prepare(peer);
      const directiveId = params.message.messageId;
      return verifyEvents(client.sendStreamingMessage(params, { signal, timeoutMs }), { ...expected, directiveId });
    };
    let told = false;
    try {
      for await (const event of open()) {
        told = true;
        yield event;
      }
    } catch (cause) {
      if (told || !learnClock(peer, cause)) throw cause;
      yield* open();
    }
  }

  return {
    latencyMs: (peer) => latencies.get(peer),
    stream,
    async call(peer, method, params, reply, { signal, timeoutMs = DEFAULT_TIMEOUT_MS }) {
      const once = async () => {
        const { client, expected } = prepare(peer);
        const askedAt = clock.now();
        const answer = await client.call(method, params, { signal, timeoutMs });
        if (!takesItsTime.has(method)) latencies.set(peer.nodeId, Math.max(0, clock.now() - askedAt));
        return reply.parse(readReply(answer, expected));
      };
      try {
        return await once();
      } catch (cause) {
        if (!learnClock(peer, cause)) throw cause;
        return once();
      }
    },
    async callUnsigned(origin, method, params, reply, { signal, timeoutMs = DEFAULT_TIMEOUT_MS }) {
      const client = createA2AClient({ ...common, endpoint: endpointOf(origin) });
      return reply.parse(await client.call(method, params, { signal, timeoutMs }));
    },
  };
}
