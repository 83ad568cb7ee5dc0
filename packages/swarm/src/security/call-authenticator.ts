/** Finds out who calls a node: another node by its call token, or the operator. One port behind every A2A method. */
import type { Authenticator, Principal } from '@skein/a2a-transport';
import { NodeId } from '@skein/contracts';
import { orForNow } from '../wire-errors.ts';
import { type CallTokenVerifierDeps, verifyCallToken } from './call-token.ts';

export interface CallAuthenticatorDeps extends CallTokenVerifierDeps {
  /** Whether a bearer token is the operator's. @default nobody's is */
  isOperator?: (token: string) => boolean;
}

/** A node that called, and its call: the answer is signed for that call alone. */
interface NodePrincipal extends Principal {
  kind: 'node';
  callId: string;
}

const operatorPrincipal: Principal = { kind: 'operator', id: 'operator' };

export function createCallAuthenticator({ isOperator, ...deps }: CallAuthenticatorDeps): Authenticator {
  return {
    async authenticate({ headers, body }) {
      const credentials = headers.get('authorization');
      if (credentials === null) return { status: 'anonymous' };
      const token = /^Bearer +([^ ]+)$/i.exec(credentials)?.[1];
      if (token === undefined)
        return { status: 'refused', reason: 'TOKEN_MALFORMED', message: 'send Authorization: Bearer TOKEN' };
      if (isOperator?.(token)) return { status: 'authenticated', principal: operatorPrincipal };
      const verdict = await orForNow(() => verifyCallToken(deps, token, body));
      if (verdict.status === 'refused') return { ...verdict, reason: verdict.reason.toUpperCase() };
      const { nodeId, callId } = verdict;
      return { status: 'authenticated', principal: { kind: 'node', id: nodeId, callId } satisfies NodePrincipal };
    },
  };
}

const isNode = (principal: Principal): principal is NodePrincipal => principal.kind === 'node' && 'callId' in principal;

/** The node that signed the call, and the call's id; undefined for anyone else. */
export function nodeCall(principal: Principal | undefined): { id: string; caller: NodeId } | undefined {
  return principal && isNode(principal) ? { id: principal.callId, caller: NodeId.parse(principal.id) } : undefined;
}

/** The node that signed the call; undefined for anyone else. */
export function callingNode(principal: Principal | undefined): NodeId | undefined {
  return nodeCall(principal)?.caller;
}
