import type { OpenCall } from './calls.ts';
import type { GatedContext } from './gate.ts';
import type { Principal } from './principal.ts';

/** What a request says of itself before anybody looks at its calls. */
export interface RequestFacts {
  principal: Principal | undefined;
  extensions: ReadonlySet<string>;
  /** As the request says it, unread. */
  version: string;
  protocolVersion: '1.0' | '0.3';
  tenant: string | undefined;
  lastEventId: string | undefined;
}

/** A call's context. Its signal comes to be when somebody asks for it: most calls end before anybody does. */
export function requestContext(facts: RequestFacts, call: OpenCall, alone: boolean): GatedContext {
  const { principal, extensions, version, protocolVersion, tenant, lastEventId } = facts;
  return {
    ...{ principal, extensions, version, protocolVersion, tenant, lastEventId, alone },
    get signal() {
      return call.signal;
    },
  };
}
