/** A node that is only a listener: what the command line sends it, what that prints, and how it ends. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DirectiveDetail, DirectiveResult, DirectiveUpdate, DirectiveView, NodeView } from '@skein/contracts';
import { afterEach } from 'vitest';
import { ownArguments, runCli } from '../cli.ts';
import { createNodeClient } from '../client.ts';
import type { CliContext } from '../context.ts';
import { createTerminal } from '../output/terminal.ts';
import type { StopSignal } from '../signals.ts';

// Ids are branded; a fake's are written down by hand.
export const ONE = 'aaaaaaaaaaaaaaaaaaaaaaaaaa' as NodeView['id'];
export const TWO = 'bbbbbbbbbbbbbbbbbbbbbbbbbb' as NodeView['id'];
export const ID = '3f0a8a52-4a3c-4d55-9d2c-0a4d5c3b2a10' as DirectiveView['id'];
const NOW = Date.parse('2026-01-01T00:00:05.000Z');

export function nodeView(id: NodeView['id'], name: string): NodeView {
  return {
    ...{ id, name, isSelf: id === ONE, status: 'online', liveness: 'online', eligibility: 'eligible' },
    ...{ addresses: ['http://127.0.0.1:4220'], group: null, tier: 'unprivileged', kinds: ['execute_task'] },
    ...{ capabilities: [], labels: {}, capacity: 4, incarnation: 1, metrics: null },
    ...{ joinedAt: '2026-01-01T00:00:00.000Z', lastHeartbeatAt: '2026-01-01T00:00:00.000Z' },
  };
}

const usage = { tokensIn: 0, tokensOut: 0, costMicroUsd: 0, toolCalls: 0, cpuMs: 4, peakMemoryBytes: 2_000_000 };
const metrics = { ...usage, durationMs: 31 };
export const program = (exitCode: number, stdout = '') => ({
  exitCode,
  signal: null,
  stdout,
  stderr: '',
  truncated: false,
});

export const completed: DirectiveResult = {
  status: 'completed',
  output: program(0, 'hello\n'),
  metrics,
  started: true,
};

export function directive(over: Partial<DirectiveView> = {}): DirectiveView {
  return {
    ...{ id: ID, side: 'outbox', kind: 'execute_task', sourceNodeId: ONE, targetNodeId: TWO, status: 'completed' },
    ...{ state: 'completed', priority: 'normal', effect: 'amo', ttlMs: 120_000, attempts: 1 },
    ...{ payload: { command: ['cat', 'note.txt'] }, parentDirectiveId: null, broadcastId: null, placement: null },
    result: completed,
    ...{ createdAt: '2026-01-01T00:00:00.000Z', deadlineAt: '2026-01-01T00:02:00.000Z', endedAt: null },
    ...over,
  };
}

export const detail: DirectiveDetail = {
  directive: directive(),
  events: [{ at: '2026-01-01T00:00:00.000Z', side: 'outbox', from: null, to: 'queued', reason: null }],
};

type Update = DirectiveUpdate extends infer U ? (U extends unknown ? Omit<U, 'directiveId'> : never) : never;

export const stream = (...updates: Update[]) =>
  updates
    .map((update) => `event: ${update.type}\ndata: ${JSON.stringify({ directiveId: ID, ...update })}\n\n`)
    .join('');

interface PlainReply {
  status?: number;
  body: unknown;
  /** Resolves when the answer may end. */
  hangs?: (asked: readonly Asked[]) => Promise<void>;
  /** What comes then. */
  atLast?: string;
}

/** An answer, or what makes it from the query and everything that was asked so far. */
export type Reply = PlainReply | ((query: URLSearchParams, asked: readonly Asked[]) => PlainReply);

const usual: Record<string, Reply> = {
  'GET /nodes': { body: { nodes: [nodeView(ONE, 'node-1'), nodeView(TWO, 'node-2')] } },
  'GET /directives': { body: { directives: [directive()] } },
  [`GET /directives/${ID}`]: { body: detail },
  'POST /directives': {
    body: stream(
      { type: 'status', status: 'running' },
      { type: 'output', stream: 'stdout', text: 'hello\n' },
      { type: 'output', stream: 'stderr', text: 'aside\n' },
      { type: 'result', result: completed },
    ),
  },
  [`POST /directives/${ID}/cancel`]: { status: 202, body: { directive: directive({ status: 'running' }) } },
  'POST /tokens': { status: 201, body: { token: 'skein_join_x', expiresAt: '2026-01-01T00:10:05.000Z' } },
};

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

export interface Asked {
  route: string;
  query: string;
  authorization: string | undefined;
  body: unknown;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text === '' ? undefined : JSON.parse(text);
}

export interface Surroundings extends Partial<Pick<CliContext, 'cwd' | 'env' | 'connect'>> {
  /** A terminal of so many columns, in colour. @default none: it is read by a program */
  columns?: number;
  /** Press this as soon as the node has been asked for the route: a Ctrl-C. */
  interruptAt?: string;
}

/** Runs one command line against a node that answers so. */
export async function skein(line: string[], replies: Record<string, Reply> = {}, around: Surroundings = {}) {
  const asked: Asked[] = [];
  const listeners = new Set<(signal: StopSignal, count: number) => void>();
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://node');
    const route = `${request.method} ${url.pathname.replace('/api/swarm', '')}`;
    const { authorization } = request.headers;
    asked.push({ route, query: url.search, authorization, body: await bodyOf(request) });
    const found = { ...usual, ...replies }[route] ?? failing('not_found', 404);
    const reply = typeof found === 'function' ? found(url.searchParams, asked) : found;
    response.writeHead(reply.status ?? 200);
    if (typeof reply.body === 'string') response.write(reply.body);
    if (route === around.interruptAt) for (const hear of listeners) hear('SIGINT', 1);
    if (reply.hangs) await reply.hangs(asked);
    response.end(typeof reply.body === 'string' ? (reply.atLast ?? '') : JSON.stringify(reply.body));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A TCP server's address is an AddressInfo.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const written = { stdout: [] as string[], stderr: [] as string[] };
  const { columns } = around;
  const stdout = { write: (text: string) => written.stdout.push(text) > 0 };
  const streams = {
    stdout: columns === undefined ? stdout : { ...stdout, columns, isTTY: true },
    stderr: { write: (text: string) => written.stderr.push(text) > 0 },
  };
  const context: CliContext = {
    terminal: createTerminal(streams, {}, ownArguments(line).includes('--no-color')),
    connect: around.connect ?? (() => createNodeClient({ url, token: 'operator', hint: 'start it' })),
    now: () => NOW,
    signals: {
      listen(hear) {
        listeners.add(hear);
        return () => void listeners.delete(hear);
      },
      endAtOnce: (_signal: StopSignal) => {},
    },
    env: around.env ?? {},
    cwd: around.cwd ?? '/here',
  };
  const code = await runCli(line, context, '1.2.3');
  return { code, out: written.stdout.join(''), err: written.stderr.join(''), asked };
}

export const failing = (reason: string, status: number): Reply => ({
  status,
  body: { error: { reason, message: 'what to do' } },
});
