import type { AgentExtension } from '@skein/contracts/a2a';
import type { Logger } from '@skein/contracts/runtime';
import { A2AError, ApplicationError } from '../errors.ts';
import { isRefusal } from '../json-rpc/errors.ts';
import type { createOpenCalls, OpenCall } from './calls.ts';
import { activatedExtensions } from './extensions.ts';
import { type Answer, isStreamed } from './http/answer.ts';
import type { ServedRequest } from './http/served-request.ts';
import type { Authentication, Authenticator } from './principal.ts';
import type { AnswerHeaders } from './replies.ts';
import { assertContentType, assertPlainEncoding } from './request-body.ts';
import type { RequestFacts } from './request-context.ts';
import { requestedVersion } from './version.ts';

/** A request whose caller is known and whose body has come. */
export interface AdmittedRequest {
  readonly facts: RequestFacts;
  readonly body: Uint8Array;
  /** Open until the answer is there; one that streams ends it itself. */
  readonly call: OpenCall;
  /** For the answer. */
  readonly headers: AnswerHeaders;
}

interface Manners {
  /** Media types of a body; none where the request has none that counts. */
  accepts: readonly string[];
  /** Whether there may be no body at all. @default there is one */
  bodyOptional?: boolean;
  /** How the binding says that the whole request is refused. */
  refuse(cause: unknown, headers: AnswerHeaders, status?: number): Answer;
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
  const { authenticator, logger } = deps;
  const plainHeaders: AnswerHeaders = {
    echo: {},
    get challenge() {
      return deps.challenge();
    },
  };

  async function receive(
    request: ServedRequest,
    { accepts, bodyOptional = false, refuse }: Manners,
    answer: (request: AdmittedRequest) => Promise<Answer>,
  ): Promise<Answer> {
    const version = requestedVersion(request);
    const { extensions, echo } = activatedExtensions(request, deps.declared());
    const headers = extensions.size === 0 ? plainHeaders : { echo, challenge: plainHeaders.challenge };
    if (deps.isClosing()) return refuse(new A2AError('INTERNAL_ERROR', 'The server is closing'), headers, 503);
    const call = deps.calls.begin(request);
    let answered: Answer | undefined;
    try {
      const notReady = deps.ready();
      if (notReady) await notReady;
      const hasBody = accepts.length > 0 && !(bodyOptional && isBodiless(request));
      if (hasBody) assertReadable(request, accepts);
      const read = hasBody ? await request.readBody(maxBodyBytes) : noBody;
      if (read.status === 'too_large') return refuse(tooLarge(maxBodyBytes), headers, 413);
      const principal = authenticator && (await authenticate(authenticator, request, read.bytes));
      const facts: RequestFacts = {
        principal,
        extensions,
        version,
        protocolVersion: version.startsWith('1') ? '1.0' : '0.3',
        tenant: request.tenant,
        lastEventId: request.header('last-event-id')?.trim() || undefined,
      };
      answered = await answer({ facts, body: read.bytes, call, headers });
      return answered;
    } catch (cause) {
      if (isRefusal(cause)) return refuse(cause, headers);
      // A client that leaves while it uploads is nobody's fault.
      if (!request.left) logger.error('request failed', { error: cause });
      return refuse(cause, headers, 500);
    } finally {
      if (!answered || !isStreamed(answered)) call.done();
    }
  }

  async function authenticate(given: Authenticator, request: ServedRequest, body: Uint8Array) {
    const who = await given.authenticate({ ...request.credentials(), body });
    if (who.status === 'refused') throw refusedCredentials(who, domain);
    return who.status === 'authenticated' ? who.principal : undefined;
  }

  return { receive, logger, plainHeaders };
}

/** Asked before the body is looked at: what it is decides how it may be wrong. */
function assertReadable(request: ServedRequest, accepts: readonly string[]): void {
  assertContentType(request.header('content-type'), accepts);
  assertPlainEncoding(request.header('content-encoding'));
}

function isBodiless(request: ServedRequest): boolean {
  const length = request.header('content-length');
  if (length !== undefined) return length === '0';
  return request.header('transfer-encoding') === undefined && request.header('content-type') === undefined;
}

const noBody = { status: 'read', bytes: new Uint8Array() } as const;

function tooLarge(maxBodyBytes: number): A2AError {
  return new A2AError('INVALID_REQUEST', `The body is larger than ${maxBodyBytes} bytes`);
}

function refusedCredentials(who: Extract<Authentication, { status: 'refused' }>, domain: string): ApplicationError {
  const { reason, message, metadata } = who;
  return new ApplicationError({ domain, reason, message, httpStatus: 401, ...(metadata && { metadata }) });
}
