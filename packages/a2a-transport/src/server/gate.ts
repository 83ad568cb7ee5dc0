import type { AgentExtension } from '@skein/contracts/a2a';
import { A2AError, ApplicationError } from '../errors.ts';
import type { CallContext } from './principal.ts';
import { assertVersion, type ProtocolVersion } from './version.ts';

/** What stands before a method. */
export interface MethodRule {
  /** Whether an anonymous caller may use it. */
  public: boolean;
  /** The protocol version that the method is of. */
  version: ProtocolVersion;
  /** The extension that it belongs to: without it the method does not exist. */
  extension?: string;
  /** Whether its reply is a stream, which fills a body of its own. */
  streams?: boolean;
}

/** A call's context with what only the gate needs. */
export interface GatedContext extends CallContext {
  /** As the request says it, unread. */
  readonly version: string;
  /** Whether the call has the answer's body for itself: it is in no batch, and it wants a reply. */
  readonly alone: boolean;
}

export interface GateOptions {
  rules: ReadonlyMap<string, MethodRule>;
  declared(): readonly AgentExtension[];
  /** Whether there is an authenticator: without one, everything is open. */
  guarded: boolean;
  /** ErrorInfo domain of our own refusals. */
  domain: string;
  /** Protocol versions that are spoken here, the newest first. */
  versions: readonly ProtocolVersion[];
}

/** Asked ahead of every call. It tells who may not pass first, so that strangers learn no more than that. */
export function createGate({ rules, declared, guarded, domain, versions }: GateOptions) {
  return (method: string, context: GatedContext): void => {
    const rule = rules.get(method);
    const exists = rule && (rule.extension === undefined || context.extensions.has(rule.extension));
    if (exists && guarded && !rule.public && !context.principal) throw unauthenticated(domain);
    const version = assertVersion(context.version, versions);
    if (!exists) throw new A2AError('METHOD_NOT_FOUND', 'Method not found');
    if (rule.version !== version) throw otherVersion(method, rule.version, version);
    if (rule.streams && !context.alone)
      throw new A2AError('INVALID_REQUEST', 'A streaming method is called alone, with an id');
    assertRequiredExtensions(declared(), context.extensions);
  };
}

export function assertRequiredExtensions(declared: readonly AgentExtension[], activated: ReadonlySet<string>): void {
  const missing = declared.find(({ uri, required }) => required && !activated.has(uri));
  if (!missing) return;
  throw new A2AError(
    'EXTENSION_SUPPORT_REQUIRED',
    'This agent needs an extension that the request did not activate with A2A-Extensions',
    { metadata: { extension: missing.uri } },
  );
}

export function unauthenticated(domain: string): ApplicationError {
  const message = 'This method needs credentials';
  return new ApplicationError({ domain, reason: 'UNAUTHENTICATED', message, httpStatus: 401 });
}

/** Who forgets the header speaks 0.3 by the specification; the method shows what was meant. */
function otherVersion(method: string, wanted: ProtocolVersion, version: ProtocolVersion): A2AError {
  if (wanted === '0.3') return new A2AError('METHOD_NOT_FOUND', `Method not found: ${method} is of A2A 0.3`);
  return new A2AError('VERSION_NOT_SUPPORTED', `${method} is of A2A ${wanted}; say so with "A2A-Version: ${wanted}"`, {
    metadata: { requestedVersion: version, supportedVersions: wanted },
  });
}
