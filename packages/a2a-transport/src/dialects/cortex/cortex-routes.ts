/**
 * The endpoint of the cortex dialect: `/cortex/<peer-key>/`, for the peers that the configuration names and for nobody
 * else. To whoever does not know a key it is as if none of this were mounted.
 */
import type { AgentCard } from '@skein/contracts/a2a';
import {
  type Clock,
  type Logger,
  linkedSignal,
  type Random,
  silentLogger,
  systemClock,
  systemRandom,
} from '@skein/contracts/runtime';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { A2AError } from '../../errors.ts';
import { type Call, readRequestBody } from '../../json-rpc/envelope.ts';
import { isRefusal, toJsonRpcError } from '../../json-rpc/errors.ts';
import { MAX_JSON_DEPTH } from '../../json-rpc/safe-json.ts';
import { readBody } from '../../server/request-body.ts';
import { answerCortexCall, failedCall } from './cortex-calls.ts';
import { writeCortexCard } from './cortex-card.ts';
import type { CortexPeerHandler } from './cortex-handler.ts';
import { type CortexPeer, createCortexDoorkeeper, type KnownCortexPeer } from './cortex-peers.ts';
import { type RpcId, writeCortexBeginning, writeCortexEnd } from './cortex-stream.ts';
import { failed, takeCortexTurn } from './cortex-turn.ts';

export interface CortexRoutesOptions {
  peers: readonly CortexPeer[];
  handler: CortexPeerHandler;
  /** The card of v1.0, to which the dialect's fields are added. */
  card: () => AgentCard;
  /** Where the routes are mounted, as peers reach them. Never taken from a Host header. */
  origin: string;
  /** Where a request came from. @default the socket's address, as Hono's Node server tells it */
  addressOf?: (context: Context) => string | undefined;
  /** How long a directive is waited for before the answer is `deadline`. @default 115_000: a peer hangs up after 120 s */
  answerWithinMs?: number;
  /** Directives of one peer that are waited for at once. @default 16 */
  maxOpen?: number;
  /** Largest request body in bytes. @default 1_048_576 */
  maxBodyBytes?: number;
  /** Deepest nesting of a request's JSON. @default 64 */
  maxDepth?: number;
  clock?: Clock;
  random?: Random;
  logger?: Logger;
}

/** The routes, and the end of whatever waits in them. */
export interface CortexRoutes extends AsyncDisposable {
  /** Mount it at the root. */
  readonly app: Hono;
  /** Answers all that wait; their directives go on. Twice is as good as once. */
  close(): Promise<void>;
}

export function createCortexRoutes(options: CortexRoutesOptions): CortexRoutes {
  const {
    clock = systemClock,
    random = systemRandom,
    logger = silentLogger,
    handler,
    addressOf = socketAddress,
  } = options;
  const { answerWithinMs = 115_000, maxOpen = 16, maxBodyBytes = 1_048_576, maxDepth = MAX_JSON_DEPTH } = options;
  const turn = { handler, clock, random, logger, answerWithinMs };
  const findPeer = createCortexDoorkeeper(options.peers);
  const closing = new AbortController();
  const open = new Map<string, number>();

  function cardFor({ kinds }: KnownCortexPeer, key: string) {
    const url = `${options.origin.replace(/\/{1,8}$/, '')}/cortex/${key}/a2a`;
    const skills = kinds.map((id) => ({ id, name: id, description: `the swarm directive ${id}`, tags: ['swarm'] }));
    return writeCortexCard(options.card(), { url, skills });
  }

  /** A directive of a peer that has a place left. What waits ends with the request or with the routes. */
  async function send(peer: KnownCortexPeer, params: unknown, left: AbortSignal, onAccepted?: (id: string) => void) {
    const count = open.get(peer.name) ?? 0;
    if (count >= maxOpen) return failed(random.uuid(), `over budget: ${maxOpen} directives of this peer are open`);
    open.set(peer.name, count + 1);
    const until = linkedSignal(left, closing.signal);
    try {
      return await takeCortexTurn(turn, peer, params, until.signal, onAccepted);
    } finally {
      until.clear();
      open.set(peer.name, (open.get(peer.name) ?? 1) - 1);
    }
  }

  function answerStream(peer: KnownCortexPeer, id: RpcId, params: unknown, left: AbortSignal): Response {
    const encoder = new TextEncoder();
    const body = new ReadableStream<Uint8Array>({
      async start(controller) {
        const tell = (text: string) => controller.enqueue(encoder.encode(text));
        const onAccepted = (taskId: string) => tell(writeCortexBeginning(id, taskId, clock.now()));
        try {
          tell(writeCortexEnd(id, await send(peer, params, left, onAccepted), clock.now()));
          controller.close();
        } catch {
          // whoever read it has left
        }
      },
    });
    return new Response(body, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' } });
  }

  async function answerCall(c: Context, peer: KnownCortexPeer, key: string, { id = null, method, params }: Call) {
    const left = c.req.raw.signal;
    if (method === 'SendStreamingMessage') return answerStream(peer, id, params, left);
    try {
      const call = { peer: peer.name, params, nowMs: clock.now() };
      const result = await answerCortexCall(method, call, {
        handler,
        send: (asked) => send(peer, asked, left),
        card: () => cardFor(peer, key),
      });
      return c.json({ jsonrpc: '2.0', id, result });
    } catch (cause) {
      if (isRefusal(cause)) return c.json({ jsonrpc: '2.0', id, error: toJsonRpcError(cause) });
      logger.error('a call of a cortex peer failed', { peer: peer.name, method, cause });
      return c.json({ jsonrpc: '2.0', id, result: failedCall(random.uuid(), clock.now()) });
    }
  }

  /** What no CortexPrism sends is refused as JSON-RPC says. */
  async function answerRequest(c: Context, peer: KnownCortexPeer, key: string): Promise<Response> {
    const refuse = (cause: unknown, status: 200 | 413) =>
      c.json({ jsonrpc: '2.0', id: null, error: toJsonRpcError(cause) }, status);
    try {
      if (!/^application\/json\s*(;|$)/i.test(c.req.header('content-type') ?? ''))
        throw new A2AError('CONTENT_TYPE_NOT_SUPPORTED', 'The request must be application/json');
      const body = await readBody(c.req.raw, maxBodyBytes);
      if (body.status === 'too_large')
        return refuse(new A2AError('INVALID_REQUEST', `The body is larger than ${maxBodyBytes} bytes`), 413);
      const read = readRequestBody(body.bytes, { maxDepth, maxBatch: 1 });
      if ('batch' in read) throw new A2AError('INVALID_REQUEST', 'There are no batches here');
      const { entry } = read;
      if ('refusal' in entry) return c.json({ jsonrpc: '2.0', id: entry.id, error: toJsonRpcError(entry.refusal) });
      return await answerCall(c, peer, key, entry.call);
    } catch (cause) {
      if (!isRefusal(cause) && !c.req.raw.signal.aborted)
        logger.error('a request of a cortex peer failed', { peer: peer.name, cause });
      return refuse(cause, 200);
    }
  }

  /** For known peers; for all others the next route, which ends where every unknown path does. */
  const guarded =
    (answer: (c: Context, peer: KnownCortexPeer, key: string) => Response | Promise<Response>): MiddlewareHandler =>
    async (c, next) => {
      const key = c.req.param('key') ?? '';
      const peer = findPeer(key, addressOf(c));
      return peer ? answer(c, peer, key) : next();
    };
  const answerCard = guarded((c, peer, key) => c.json(cardFor(peer, key), 200, { 'cache-control': 'no-store' }));
  const answerRpc = guarded(answerRequest);

  const app = new Hono()
    .get('/cortex/:key/.well-known/agent-card.json', answerCard)
    .get('/cortex/:key/a2a/.well-known/agent-card.json', answerCard)
    .post('/cortex/:key/a2a', answerRpc)
    .post('/cortex/:key/a2a/', answerRpc);
  const close = async () => closing.abort(new Error('the node is closing'));
  return { app, close, [Symbol.asyncDispose]: close };
}

/** As @hono/node-server tells it; behind anything else it is not known, and a list of addresses lets nobody in. */
function socketAddress(c: Context): string | undefined {
  const env = c.env as { incoming?: { socket?: { remoteAddress?: string } } } | undefined; // the server's, not ours
  return env?.incoming?.socket?.remoteAddress;
}
