import type { AgentExtension } from '@skein/contracts/a2a';
import type { Logger } from '@skein/contracts/runtime';
import type { Context } from 'hono';
import { A2AError, ApplicationError } from '../errors.ts';
import { isRefusal } from '../json-rpc/errors.ts';
import type { createOpenCalls, OpenCall } from './calls.ts';
import { activatedExtensions } from './extensions.ts';
import type { Authentication, Authenticator } from './principal.ts';
import type { AnswerHeaders } from './replies.ts';
import { assertContentType, readBody } from './request-body.ts';
import type { RequestFacts } from './request-context.ts';
import { requestedVersion } from './version.ts';

/** A request whose caller is known and whose body has come. */
export interface AdmittedRequest {
  readonly facts: RequestFacts;
  readonly body: Uint8Array;
  readonly call: OpenCall;
  /** For the answer. */
  readonly headers: AnswerHeaders;
  /** Keeps the call open beyond the answer: for a stream, which ends it itself. */
  hold(): OpenCall;
}

interface Manners {
  /** Media types of a body; none where the request has none that counts. */
  accepts: readonly string[];
  /** Whether there may be no body at all. @default there is one */
  bodyOptional?: boolean;
  /** How the binding says that the whole request is refused. */
  refuse(cause: unknown, headers: AnswerHeaders, status?: number): Response;
}

interface ReceptionDeps {
  authenticator: Authenticator | undefined;
  declared(): readonly AgentExtension[];
  /** What `WWW-Authenticate` asks for. */
  challenge(): string;
  calls: ReturnType<typeof createOpenCalls>;
  isClosing(): boolean;
  /** Resolves once earlier lives' tasks have been ended; rejects while that fails. */
  ready(): Promise<void> | undefined;
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
  const { logger } = deps;
  const plainHeaders: AnswerHeaders = {
    echo: {},
    get challenge() {
      return deps.challenge();
    },
  };

  async function receive(
    c: Context,
    { accepts, bodyOptional = false, refuse }: Manners,
    answer: (request: AdmittedRequest) => Promise<Response>,
  ): Promise<Response> {
    const request = c.req.raw;
    const { headers, url } = request;
    const version = requestedVersion(headers, url);
    const { extensions, echo } = activatedExtensions(headers, deps.declared());
    const answerHeaders = extensions.size === 0 ? plainHeaders : { echo, challenge: plainHeaders.challenge };
    const refused = (cause: unknown, status?: number) => refuse(cause, answerHeaders, status);
    if (deps.isClosing()) return refused(new A2AError('INTERNAL_ERROR', 'The server is closing'), 503);
    const call = deps.calls.begin(() => request.signal);
    let held = false;
    try {
      const notReady = deps.ready();
      if (notReady) await notReady;
      const hasBody = accepts.length > 0 && !(bodyOptional && isBodiless(headers));
      if (hasBody) assertContentType(headers, accepts);
      const read = hasBody ? await readBody(request, maxBodyBytes) : noBody;
      if (read.status === 'too_large') return refused(tooLarge(maxBodyBytes), 413);
      const principal = deps.authenticator && (await authenticate(deps.authenticator, request, read.bytes));
      const facts: RequestFacts = {
        ...{ principal, extensions, version, protocolVersion: version.startsWith('1') ? '1.0' : '0.3' },
        tenant: c.req.param('tenant') || undefined,
        lastEventId: headers.get('last-event-id')?.trim() || undefined,
      };
      return await answer({
        ...{ facts, body: read.bytes, call, headers: answerHeaders },
        hold() {
          held = true;
          return call;
        },
      });
    } catch (cause) {
      if (isRefusal(cause)) return refused(cause);
      // A client that leaves while it uploads is nobody's fault.
      if (!request.signal.aborted) logger.error('request failed', { error: cause });
      return refused(cause, 500);
    } finally {
      if (!held) call.done();
    }
  }

  async function authenticate(authenticator: Authenticator, { headers, url }: Request, body: Uint8Array) {
    const who = await authenticator.authenticate({ headers, body, url });
    if (who.status === 'refused') throw refusedCredentials(who, domain);
    return who.status === 'authenticated' ? who.principal : undefined;
  }

  return { receive, logger, plainHeaders };
}

function isBodiless(headers: Headers): boolean {
  const length = headers.get('content-length');
  return length === '0' || (length === null && !headers.has('transfer-encoding') && !headers.has('content-type'));
}

const noBody = { status: 'read', bytes: new Uint8Array() } as const;

function tooLarge(maxBodyBytes: number): A2AError {
  return new A2AError('INVALID_REQUEST', `The body is larger than ${maxBodyBytes} bytes`);
}

function refusedCredentials(who: Extract<Authentication, { status: 'refused' }>, domain: string): ApplicationError {
  const { reason, message, metadata } = who;
  return new ApplicationError({ domain, reason, message, httpStatus: 401, ...(metadata && { metadata }) });
}
