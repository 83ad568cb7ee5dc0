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

/** A call's context. A class, because an object with a getter of its own costs several times as much to make. */
export class RequestContext implements GatedContext {
  readonly principal: Principal | undefined;
  readonly extensions: ReadonlySet<string>;
  readonly version: string;
  readonly protocolVersion: '1.0' | '0.3';
  readonly tenant: string | undefined;
  readonly lastEventId: string | undefined;
  readonly alone: boolean;
  readonly #call: OpenCall;

  constructor(facts: RequestFacts, call: OpenCall, alone: boolean) {
    this.principal = facts.principal;
    this.extensions = facts.extensions;
    this.version = facts.version;
    this.protocolVersion = facts.protocolVersion;
    this.tenant = facts.tenant;
    this.lastEventId = facts.lastEventId;
    this.alone = alone;
    this.#call = call;
  }

  /** Comes to be when somebody asks for it: most calls end before anybody does. */
  get signal(): AbortSignal {
    return this.#call.signal;
  }
}
