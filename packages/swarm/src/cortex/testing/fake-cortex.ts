/** An instance of CortexPrism as far as its dialect goes, written from what was seen of one: see docs/protocol.md. */
import type { IncomingMessage } from 'node:http';
import { Hono } from 'hono';

export interface FakeCortexOptions {
  /** A mended build hands the envelope's payload to its handlers; the others hand them all of it. @default it does not */
  unwraps?: boolean;
  /** Answers every message with an error, as it does when something throws. */
  fails?: boolean;
  /** Knows no method, as a proxy or another program might. */
  refuses?: boolean;
  /** Takes a message and never answers. */
  hangs?: boolean;
  /** So many messages are taken and their connections broken. @default 0 */
  breaks?: number;
}

interface FakeResult {
  status: string;
  output?: string;
  error?: string;
  metrics?: unknown;
}

interface Taken {
  kind: string;
  payload: Record<string, unknown>;
}

export interface FakeCortex {
  app: Hono;
  /** What it was told to do. */
  taken: readonly Taken[];
  /** How many of those who waited for an answer that never came have left. */
  left(): number;
  /** As its transport does: the card first, then one blocking message, read as it reads. */
  dispatch(base: string, kind: string, payload: object, id?: string): Promise<FakeResult>;
  call(base: string, method: string, params: object): Promise<unknown>;
}

const metrics = { tokensIn: 1, tokensOut: 2, costUsd: 0.25, durationMs: 3, toolCalls: 4 };

/** Whatever a handler does not find in what it is given makes it fail. */
const handlers: Record<string, (payload: Record<string, unknown>) => FakeResult> = {
  query_resources: () => done(JSON.stringify({ nodeId: '', agentCount: 2, processCount: 0, toolCalls: 0 })),
  execute_task({ command }) {
    if (typeof command !== 'string') return failed('missing command');
    const code = /Deno\.exit\((\d+)\)/.exec(command)?.[1];
    return code ? { ...failed(`Exit code ${code}`), output: 'half' } : done(`ran ${command}\nSTDERR:\na warning`);
  },
  spawn_agent: ({ instruction }) =>
    instruction ? done(JSON.stringify({ response: `did: ${instruction}` })) : failed('missing instruction'),
  forward_message: ({ message, targetSessionId }) =>
    message && targetSessionId
      ? done(JSON.stringify({ forwarded: true, targetSessionId, length: String(message).length }))
      : failed('missing message or targetSessionId'),
};

const done = (output: string): FakeResult => ({ status: 'completed', output, metrics });
const failed = (error: string): FakeResult => ({ status: 'failed', error, metrics });

export function fakeCortex({
  unwraps = false,
  fails = false,
  hangs = false,
  refuses = false,
  breaks = 0,
}: FakeCortexOptions = {}): FakeCortex {
  const taken: Taken[] = [];
  let toBreak = breaks;
  let calls = 0;
  let left = 0;
  let directives = 0;

  const app = new Hono();
  app.post('/api/a2a', async (c) => {
    const { id, params } = (await c.req.json()) as Request; // what it is sent is the test's own
    const text = params.message.parts[0]?.text ?? '';
    const envelope = JSON.parse(text) as Record<string, unknown>; // the same
    const kind = String(params.message.metadata?.swarmKind);
    const payload = unwraps ? (envelope.payload as Record<string, unknown>) : envelope; // an object in all that is sent
    taken.push({ kind, payload });
    if (hangs) {
      const { signal } = c.req.raw;
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      left += 1;
    }
    if (refuses) return c.json({ jsonrpc: '2.0', id, error: { code: -32601, message: 'Method not found' } }, 404);
    if (toBreak-- > 0) {
      (c.env as { incoming: IncomingMessage }).incoming.socket.destroy(); // as the tests serve it
      return c.body(null);
    }
    if (fails) return c.json({ jsonrpc: '2.0', id, error: { code: -32000, message: 'Agent turn failed' } }, 500);
    const result = handlers[kind]?.(payload) ?? failed(`no handler for ${kind}`);
    const state = result.status === 'completed' ? 'TASK_STATE_COMPLETED' : 'TASK_STATE_FAILED';
    const artifacts = [{ artifactId: 'a', parts: [{ text: JSON.stringify(result) }] }];
    return c.json({ jsonrpc: '2.0', id, result: { id: `cortex-${id}`, status: { state }, history: [], artifacts } });
  });
  app.all('*', (c) => c.html('<!doctype html><title>Cortex</title>'));

  async function interfaceOf(base: string): Promise<string> {
    const headers = { accept: 'application/json', 'a2a-version': '1.0' };
    const reply = await fetch(`${base.replace(/\/a2a$/, '')}/.well-known/agent-card.json`, { headers });
    if (!reply.ok) throw new Error(`Failed to fetch agent card: ${reply.status}`);
    const card = (await reply.json()) as { interfaces: { url: string; protocol: string }[] }; // as it trusts it
    const first = card.interfaces.find(({ protocol }) => protocol === 'json-rpc') ?? card.interfaces[0];
    if (!first) throw new TypeError('no interface');
    return first.url;
  }

  async function call(base: string, method: string, params: object): Promise<unknown> {
    const body = JSON.stringify({ jsonrpc: '2.0', method, id: `call-${++calls}`, params });
    const headers = { 'content-type': 'application/json', 'a2a-version': '1.0' };
    const reply = await fetch(await interfaceOf(base), { method: 'POST', headers, body });
    const { result, error } = (await reply.json()) as { result: unknown; error?: { message: string } }; // as above
    if (!reply.ok || error) throw new Error(`node unreachable: ${error?.message}`);
    return result;
  }

  return {
    ...{ app, taken, call },
    left: () => left,
    async dispatch(base, kind, payload, id = `dir_${++directives}`) {
      const sender = { priority: 'normal', sourceNodeId: 'node_mf0a1b2c_x7k2q' };
      const result = await call(base, 'SendMessage', {
        message: {
          ...{ messageId: id, role: 'user', parts: [{ text: JSON.stringify({ kind, payload, ...sender }) }] },
          metadata: {
            contextId: `swarm.${id}`,
            swarmKind: kind,
            swarmPriority: 'normal',
            swarmSourceNodeId: 'node_mf',
          },
        },
        configuration: { blocking: true, acceptedOutputModes: ['text'], historyLength: 0 },
      });
      return readTask(result as Task); // what does not fit throws, as it does there
    },
  };
}

interface Request {
  id: string;
  params: { message: { parts: { text?: string }[]; metadata?: { swarmKind?: string } } };
}

interface Task {
  status: { state: string; message?: { parts: { text: string }[] } };
  artifacts?: { parts: { text: string }[] }[];
}

/** As `taskToDirectiveResult` does: what is neither failed nor cancelled has completed. */
function readTask({ status: { state, message }, artifacts }: Task): FakeResult {
  const text = artifacts?.[0]?.parts[0]?.text ?? '';
  let said: { response?: string; error?: string; metrics?: unknown } = {};
  try {
    said = JSON.parse(text);
  } catch {
    // plain text
  }
  if (state === 'TASK_STATE_FAILED') return { status: 'failed', error: said.error ?? message?.parts[0]?.text ?? '' };
  if (state === 'TASK_STATE_CANCELED') return { status: 'cancelled' };
  return { status: 'completed', output: said.response ?? text, metrics: said.metrics };
}
