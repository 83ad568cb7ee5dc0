import type { AgentExtension } from '@skein/contracts/a2a';
import { A2AError, ApplicationError } from '../errors.ts';
import type { CallContext } from './principal.ts';
import { assertVersion } from './version.ts';

/** What stands before a method. */
export interface MethodRule {
  /** Whether an anonymous caller may use it. */
  public: boolean;
  /** The extension that it belongs to: without it the method does not exist. */
  extension?: string;
  /** Whether its reply is a stream, which fills a body of its own. */
  streams?: boolean;
}

/** A call's context with what only the gate needs. */
export interface GatedContext extends CallContext {
  readonly version: string;
  /** Whether the call has the answer's body for itself: it is in no batch, and it wants a reply. */
  readonly alone: boolean;
}

interface GateOptions {
  rules: ReadonlyMap<string, MethodRule>;
  declared(): readonly AgentExtension[];
  /** Whether there is an authenticator: without one, everything is open. */
  guarded: boolean;
  /** ErrorInfo domain of our own refusals. */
  domain: string;
}

/** Asked ahead of every call. It tells who may not pass first, so that strangers learn no more than that. */
export function createGate({ rules, declared, guarded, domain }: GateOptions) {
  return (method: string, { principal, extensions, version, alone }: GatedContext): void => {
    const rule = rules.get(method);
    const exists = rule && (rule.extension === undefined || extensions.has(rule.extension));
    if (exists && guarded && !rule.public && !principal) throw unauthenticated(domain);
    assertVersion(version);
    if (!exists) throw new A2AError('METHOD_NOT_FOUND', 'Method not found');
    if (rule.streams && !alone) throw new A2AError('INVALID_REQUEST', 'A streaming method is called alone, with an id');
    const missing = declared().find(({ uri, required }) => required && !extensions.has(uri));
    if (!missing) return;
    throw new A2AError(
      'EXTENSION_SUPPORT_REQUIRED',
      'This agent needs an extension that the request did not activate',
      {
        metadata: { extension: missing.uri },
      },
    );
  };
}

function unauthenticated(domain: string): ApplicationError {
  const message = 'This method needs credentials';
  return new ApplicationError({ domain, reason: 'UNAUTHENTICATED', message, httpStatus: 401 });
}
