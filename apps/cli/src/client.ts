/** A node's REST API, as the command line needs it. Every reply is held to the contract. */
import {
  CancelReply,
  DirectiveDetail,
  DirectiveList,
  type DirectiveSide,
  DirectiveUpdate,
  type DirectiveView,
  type DispatchInput,
  DispatchReply,
  ErrorBody,
  NodeList,
  type NodeView,
  type TokenCreateBody,
  TokenReply,
} from '@skein/contracts';
import { request } from 'undici';
import type { z } from 'zod';
import type { Connection } from './connection.ts';
import { CliError, exitCodeForRefusal, exitCodes } from './exit-codes.ts';
import { nodeNamer } from './node-names.ts';
import { readEvents } from './sse.ts';

export interface NodeClient {
  readonly url: string;
  listNodes(): Promise<NodeView[]>;
  /** What to call whoever stands in a directive, a mail or an event by its id. */
  names(): Promise<(id: string) => string>;
  createToken(body: Partial<TokenCreateBody>): Promise<z.infer<typeof TokenReply>>;
  submit(input: DispatchInput): Promise<DirectiveView>;
  /** What becomes of the directive, as it happens; the result last. */
  dispatch(input: DispatchInput, options?: { signal?: AbortSignal }): AsyncIterable<DirectiveUpdate>;
  listDirectives(query: { status?: string; limit: number }): Promise<DirectiveView[]>;
  getDirective(id: string, side?: DirectiveSide): Promise<DirectiveDetail>;
  cancel(id: string): Promise<DirectiveView>;
  /** Any other route below /api/swarm: its reply, held to the contract. */
  read<S extends z.ZodType>(schema: S, asked: Ask): Promise<z.output<S>>;
  /** The same for a stream of events, one object each, until the node ends it. */
  stream<S extends z.ZodType>(schema: S, asked: Ask): AsyncIterable<z.output<S>>;
}

interface Ask {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** What follows /api/swarm, with its query. */
  path: string;
  body?: unknown;
  signal?: AbortSignal;
  /** How long the node may take to answer, in milliseconds. @default 30_000 */
  withinMs?: number;
}

const ANSWER_WITHIN_MS = 30_000;

export function createNodeClient({ url, token, hint }: Connection): NodeClient {
  /** The reply's body where the node said yes; else what it said, as an error. */
  async function ask({ method, path, body, signal, withinMs = ANSWER_WITHIN_MS }: Ask, stream = false) {
    const reply = await request(`${url}/api/swarm${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        accept: stream ? 'text/event-stream' : 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
      headersTimeout: withinMs,
      bodyTimeout: stream ? 0 : withinMs,
    }).catch((cause: unknown) => {
      if (signal?.aborted) throw signal.reason;
      throw unreachable(cause);
    });
    if (reply.statusCode < 400) return reply.body;
    throw refusal(reply.statusCode, await reply.body.text());
  }

  function unreachable(cause: unknown): CliError {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'no answer';
    const message = `${url} does not answer (${code}): ${hint}`;
    return new CliError(exitCodes.unreachable, 'unreachable', message, { cause });
  }

  async function read<S extends z.ZodType>(schema: S, asked: Ask): Promise<z.output<S>> {
    const body = await ask(asked);
    return parse(schema, await body.text());
  }

  async function* stream<S extends z.ZodType>(schema: S, asked: Ask): AsyncGenerator<z.output<S>, void, void> {
    const body = await ask(asked, true);
    try {
      for await (const { event, data } of readEvents(body)) {
        if (event === 'error') throw refusal(undefined, data);
        yield parse(schema, data);
      }
    } catch (cause) {
      if (cause instanceof CliError) throw cause;
      throw asked.signal?.aborted ? asked.signal.reason : unreachable(cause);
    }
  }

  return {
    url,
    read,
    stream,
    listNodes: async () => (await read(NodeList, { method: 'GET', path: '/nodes' })).nodes,
    async names() {
      const { nodes, cortexPeers } = await read(NodeList, { method: 'GET', path: '/nodes' });
      return nodeNamer(nodes, cortexPeers);
    },
    createToken: (body) => read(TokenReply, { method: 'POST', path: '/tokens', body }),
    submit: async (input) =>
      (await read(DispatchReply, { method: 'POST', path: '/directives', body: input })).directive,
    dispatch: (input, { signal } = {}) =>
      stream(DirectiveUpdate, { method: 'POST', path: '/directives', body: input, ...(signal && { signal }) }),
    async listDirectives({ status, limit }) {
      const query = new URLSearchParams({ limit: String(limit), ...(status !== undefined && { status }) });
      return (await read(DirectiveList, { method: 'GET', path: `/directives?${query}` })).directives;
    },
    getDirective: (id, side) =>
      read(DirectiveDetail, {
        method: 'GET',
        path: `/directives/${encodeURIComponent(id)}${side ? `?side=${side}` : ''}`,
      }),
    cancel: async (id) =>
      (await read(CancelReply, { method: 'POST', path: `/directives/${encodeURIComponent(id)}/cancel` })).directive,
  };
}

function parse<S extends z.ZodType>(schema: S, text: string): z.output<S> {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    const message = 'the node answered in words that this skein does not know: are both of the same version?';
    throw new CliError(exitCodes.failed, 'unknown_reply', message, { cause });
  }
}

/** What the node said, as an error. In a stream there is no status, and the reason alone says what it means. */
function refusal(status: number | undefined, text: string): CliError {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  const parsed = ErrorBody.safeParse(body);
  if (parsed.success) {
    const { reason, message } = parsed.data.error;
    return new CliError(exitCodeForRefusal(reason, status), reason, message);
  }
  const what = status === undefined ? 'an error' : `HTTP ${status}`;
  return new CliError(
    exitCodeForRefusal('unknown_reply', status),
    'unknown_reply',
    `the answer was ${what} and not a node's`,
  );
}
