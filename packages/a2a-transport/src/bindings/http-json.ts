import { type Context, Hono } from 'hono';
import { v1 } from '../dialects/v1.ts';
import { A2AError } from '../errors.ts';
import type { OperationTable } from '../operations/create-operations.ts';
import type { OperationName } from '../operations/operation.ts';
import { StreamReply } from '../operations/stream-reply.ts';
import { assertRequiredExtensions, type GateOptions, unauthenticated } from '../server/gate.ts';
import { answerByHono } from '../server/http/hono-request.ts';
import type { KeepAlive } from '../server/keep-alive.ts';
import type { AdmittedRequest, Reception } from '../server/reception.ts';
import { type AnswerHeaders, answerStream, respond } from '../server/replies.ts';
import { RequestContext } from '../server/request-context.ts';
import { assertVersion } from '../server/version.ts';
import { toHttpError } from './http-json-errors.ts';
import { readBodyParams, readQuery } from './http-json-params.ts';

interface HttpJsonDeps extends Pick<GateOptions, 'declared' | 'guarded' | 'domain'> {
  operations: OperationTable;
  reception: Reception;
  keepAlive: KeepAlive;
}

interface HttpJsonOptions {
  maxDepth: number;
  /** Whether everything else below its prefix is answered as a resource that is not there. */
  ownsRest: boolean;
}

const contentType = 'application/a2a+json';
const accepts = [contentType, 'application/json'];
const configs = 'pushNotificationConfigs';

/** A2A's HTTP+JSON binding, version 1.0: the same operations as resources, each also below a tenant. */
export function createHttpJsonBinding(deps: HttpJsonDeps, options: HttpJsonOptions): Hono {
  const { reception } = deps;

  const refuse = (cause: unknown, headers: AnswerHeaders, given?: number) => {
    const { status, body } = toHttpError(cause, given);
    return respond(JSON.stringify(body), status, headers, { cause, contentType });
  };

  async function answer(c: Context, operation: OperationName, path: Record<string, string>, request: AdmittedRequest) {
    const { facts, body, call, headers } = request;
    if (deps.guarded && !facts.principal) throw unauthenticated(deps.domain);
    assertVersion(facts.version, ['1.0']);
    assertRequiredExtensions(deps.declared(), facts.extensions);
    assertReadable(c.req.path);
    const asked = c.req.method === 'POST' ? readBodyParams(body, options.maxDepth) : readQuery(c.req.queries());
    // Whoever guards by path is not to be fooled by another spelling of the same field. A record stays one.
    const params = { ...(v1.server.readParams(operation, asked) as Record<string, unknown>), ...path };
    const result = await deps.operations[operation](params, new RequestContext(facts, call, true));
    if (!(result instanceof StreamReply)) return respond(JSON.stringify(result), 200, headers, { contentType });
    return answerStream(result, {
      ...{ call, logger: reception.logger, keepAlive: deps.keepAlive, echo: headers.echo },
      endsAfter: undefined,
      write: (item) => ('failure' in item ? toHttpError(item.failure).body : item.event),
    });
  }

  const to =
    (operation: OperationName, path: (c: Context) => Record<string, string> = () => ({})) =>
    (c: Context) =>
      answerByHono(c, (request) => {
        const manners = { accepts: c.req.method === 'POST' ? accepts : [], bodyOptional: true, refuse };
        return reception.receive(request, manners, (admitted) => answer(c, operation, path(c), admitted));
      });
  const noSuchResource = (c: Context) =>
    answerByHono(c, () =>
      refuse(new A2AError('METHOD_NOT_FOUND', 'This binding has no such resource'), reception.plainHeaders),
    );
  const ofTask = (c: Context) => ({ taskId: param(c, 'task') });
  const ofConfig = (c: Context) => ({ ...ofTask(c), id: param(c, 'config') });

  /** `/tasks/{id}`, `/tasks/{id}:cancel` and `/tasks/{id}:subscribe` are one segment to a router. */
  const taskAction = (c: Context) => {
    const [id, action] = splitAction(param(c, 'task'));
    const path = () => ({ id });
    if (action === 'subscribe') return to('subscribeToTask', path)(c);
    if (action === 'cancel' && c.req.method === 'POST') return to('cancelTask', path)(c);
    return c.req.method === 'GET' ? to('getTask', () => ({ id: param(c, 'task') }))(c) : noSuchResource(c);
  };

  const app = new Hono();
  for (const at of ['', '/:tenant']) {
    app
      .post(`${at}/message:send`, to('sendMessage'))
      .post(`${at}/message:stream`, to('sendStreamingMessage'))
      .get(`${at}/tasks`, to('listTasks'))
      .get(`${at}/extendedAgentCard`, to('getExtendedAgentCard'))
      .on(['GET', 'POST'], `${at}/tasks/:task`, taskAction)
      .post(`${at}/tasks/:task/${configs}`, to('createPushConfig', ofTask))
      .get(`${at}/tasks/:task/${configs}`, to('listPushConfigs', ofTask))
      .get(`${at}/tasks/:task/${configs}/:config`, to('getPushConfig', ofConfig))
      .delete(`${at}/tasks/:task/${configs}/:config`, to('deletePushConfig', ofConfig));
  }
  // At the root the rest is the application's own.
  return options.ownsRest ? app.all('*', noSuchResource) : app;
}

function param(c: Context, name: string): string {
  return c.req.param(name) ?? '';
}

/** What is escaped wrongly would be a name of its own to a router. */
function assertReadable(path: string): void {
  try {
    decodeURIComponent(path);
  } catch (cause) {
    throw new A2AError('INVALID_REQUEST', 'The path is not percent-encoded UTF-8', { cause });
  }
}

function splitAction(segment: string): [id: string, action: string | undefined] {
  const colon = segment.lastIndexOf(':');
  return colon < 0 ? [segment, undefined] : [segment.slice(0, colon), segment.slice(colon + 1)];
}
