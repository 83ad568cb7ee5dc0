import type { HttpBindings } from '@hono/node-server';
import type { AgentExtension } from '@skein/contracts/a2a';
import type { Clock, Logger } from '@skein/contracts/runtime';
import type { Context } from 'hono';
import { A2AError, ApplicationError } from '../errors.ts';
import { isRefusal } from '../json-rpc/errors.ts';
import type { createOpenCalls, OpenCall } from './calls.ts';
import { activatedBy } from './extensions.ts';
import type { Authentication, Authenticator } from './principal.ts';
import { assertContentType, readBody } from './request-body.ts';
import type { RequestFacts } from './request-context.ts';
import { requestedVersion } from './version.ts';

/** A request whose caller is known and whose body has come. */
export interface AdmittedRequest {
  readonly facts: RequestFacts;
  readonly body: Uint8Array;
  readonly call: OpenCall;
  /** Keeps the call open beyond the answer: for a stream, which ends it itself. */
  hold(): OpenCall;
}

interface Manners {
  /** Media types of a body; none where the request has none that counts. */
  accepts: readonly string[];
  /** Whether there may be no body at all. @default there is one */
  bodyOptional?: boolean;
  /** How the binding says that the whole request is refused. */
  refuse(c: Context, cause: unknown, status?: number): Response;
}

interface ReceptionDeps {
  authenticator: Authenticator | undefined;
  declared(): readonly AgentExtension[];
  calls: ReturnType<typeof createOpenCalls>;
  isClosing(): boolean;
  /** Resolves once earlier lives' tasks have been ended; rejects while that fails. */
  ready(): Promise<void> | undefined;
  clock: Clock;
  logger: Logger;
}

interface ReceptionOptions {
  /** ErrorInfo domain of refused credentials. */
  domain: string;
  maxBodyBytes: number;
}

export type Reception = ReturnType<typeof createReception>;

/** What every request goes through before a binding reads it: who it is from, what it speaks, and all of its body. */
export function createReception(deps: ReceptionDeps, { domain, maxBodyBytes }: ReceptionOptions) {
  const { clock, logger } = deps;

  async function receive(
    c: Context,
    { accepts, bodyOptional = false, refuse }: Manners,
    answer: (request: AdmittedRequest) => Promise<Response>,
  ): Promise<Response> {
    const request = c.req.raw;
    const extensions = activatedBy(request.headers.get('a2a-extensions'), deps.declared());
    if (extensions.size > 0) c.header('A2A-Extensions', [...extensions].join(', '));
    if (deps.isClosing()) return refuse(c, new A2AError('INTERNAL_ERROR', 'The server is closing'), 503);
    const call = deps.calls.begin(() => request.signal);
    let held = false;
    try {
      await deps.ready();
      const hasBody = accepts.length > 0 && !(bodyOptional && isBodiless(request.headers));
      if (hasBody) assertContentType(request.headers, accepts);
      const read = hasBody ? await readBody(request, maxBodyBytes, nodeRequest(c)) : noBody;
      if (read.status === 'too_large') return refuse(c, tooLarge(maxBodyBytes), 413);
      const principal = await authenticate(request, read.bytes);
      const version = requestedVersion(request.headers, request.url);
      const facts: RequestFacts = {
        ...{ principal, extensions, version, protocolVersion: version.startsWith('1') ? '1.0' : '0.3' },
        tenant: c.req.param('tenant') || undefined,
        lastEventId: request.headers.get('last-event-id')?.trim() || undefined,
      };
      return await answer({
        ...{ facts, body: read.bytes, call },
        hold() {
          held = true;
          return call;
        },
      });
    } catch (cause) {
      if (isRefusal(cause)) return refuse(c, cause);
      logger.error('request failed', { error: cause });
      return refuse(c, cause, 500);
    } finally {
      if (!held) call.done();
    }
  }

  async function authenticate({ headers, url }: Request, body: Uint8Array) {
    if (!deps.authenticator) return undefined;
    const who = await deps.authenticator.authenticate({ headers, body, url });
    if (who.status === 'refused') throw refusedCredentials(who, domain);
    return who.status === 'authenticated' ? who.principal : undefined;
  }

  return { receive, clock, logger };
}

function isBodiless(headers: Headers): boolean {
  const length = headers.get('content-length');
  return length === '0' || (length === null && !headers.has('transfer-encoding') && !headers.has('content-type'));
}

const noBody = { status: 'read', bytes: new Uint8Array() } as const;

/** Node's own request, where Node's server is what serves the app. */
function nodeRequest(c: Context): HttpBindings['incoming'] | undefined {
  // Whoever serves the app hands its bindings in as the environment; in a test there may be none.
  return ((c.env ?? {}) as Partial<HttpBindings>).incoming;
}

function tooLarge(maxBodyBytes: number): A2AError {
  return new A2AError('INVALID_REQUEST', `The body is larger than ${maxBodyBytes} bytes`);
}

function refusedCredentials(who: Extract<Authentication, { status: 'refused' }>, domain: string): ApplicationError {
  const { reason, message, metadata } = who;
  return new ApplicationError({ domain, reason, message, httpStatus: 401, ...(metadata && { metadata }) });
}
