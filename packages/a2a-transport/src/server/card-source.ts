import type { AgentCard, AgentExtension, AgentInterface } from '@skein/contracts/a2a';
import * as z from 'zod';
import { type ServerExtension, withExtensions } from './extensions.ts';

/** Who an agent is, with as much of A2A's card as its author cares to write. */
export type AgentDescription = Partial<AgentCard> & {
  name: string;
  /** Where the server is reached, such as `https://agent.example`: its interfaces are derived from it. */
  url?: string;
};

/** What the server can do, for the parts of the card that its author leaves out. */
export interface ServerAbilities {
  /** Where JSON-RPC is served. */
  path: string;
  /** Whether it speaks A2A v0.3 beside v1.0. */
  speaksV03: boolean;
  /** Where HTTP+JSON is served, if it is. */
  httpJsonPath: string | undefined;
  push: boolean;
  extendedCard: boolean;
}

export interface CardSource {
  /** The whole card, as it is published. */
  full(): AgentCard;
  /** The card without the extensions' public parameters, which are put together for each reader: for each call. */
  own(): AgentCard;
  /** The public card with these parts in place of its own. */
  changed(parts: Partial<AgentCard>): AgentCard;
  /** Every extension of the agent and of the server. */
  declared(): readonly AgentExtension[];
  /** The HTTP authentication that it asks for, as `WWW-Authenticate` says it. */
  challenge(): string;
}

/** The card that the world sees: its author's words, what the server adds, and what A2A demands that both left out. */
export function createCardSource(
  source: AgentDescription | (() => AgentDescription),
  extensions: readonly ServerExtension[],
  abilities: ServerAbilities,
): CardSource {
  const ours = extensions.map(({ uri, required = false }) => ({ uri, required }));
  let last: { described: AgentDescription; card: AgentCard; declared: readonly AgentExtension[] } | undefined;
  const current = () => {
    const described = typeof source === 'function' ? source() : source;
    if (last?.described === described) return last;
    const card = completed(described, abilities);
    const theirs = (card.capabilities.extensions ?? []).filter(({ uri }) => ours.every((each) => each.uri !== uri));
    last = { described, card, declared: [...theirs, ...ours] };
    return last;
  };
  return {
    own: () => current().card,
    declared: () => current().declared,
    challenge: () => challengeOf(current().card),
    full: () => withExtensions(current().card, extensions),
    changed: (parts) => {
      const { card } = current();
      const capabilities = { ...card.capabilities, ...parts.capabilities };
      return withExtensions({ ...card, ...parts, capabilities }, extensions);
    },
  };
}

function completed({ url, ...described }: AgentDescription, abilities: ServerAbilities): AgentCard {
  const { push, extendedCard } = abilities;
  const given = {
    name: '',
    description: '',
    version: '1.0.0',
    supportedInterfaces: interfacesAt(url ?? '', abilities),
    defaultInputModes: ['text/plain', 'application/json'],
    defaultOutputModes: ['text/plain', 'application/json'],
    skills: [],
  };
  const capabilities = { streaming: true, pushNotifications: push, extendedAgentCard: extendedCard };
  return { ...given, ...described, capabilities: { ...capabilities, ...described.capabilities } };
}

function interfacesAt(url: string, { path, speaksV03, httpJsonPath }: ServerAbilities): AgentInterface[] {
  const base = url.replace(/\/{1,8}$/, '');
  const at = (binding: string, where: string, protocolVersion: string): AgentInterface => ({
    url: `${base}${where}`,
    protocolBinding: binding,
    protocolVersion,
  });
  return [
    at('JSONRPC', path, '1.0'),
    ...(httpJsonPath === undefined ? [] : [at('HTTP+JSON', httpJsonPath, '1.0')]),
    ...(speaksV03 ? [at('JSONRPC', path, '0.3')] : []),
  ];
}

/** The first HTTP scheme that the card requires or names; credentials of other kinds have no word there. */
function challengeOf({ securityRequirements = [], securitySchemes = {} }: AgentCard): string {
  const required = securityRequirements.flatMap(({ schemes = {} }) => Object.keys(schemes));
  for (const name of [...required, ...Object.keys(securitySchemes)]) {
    const http = SchemeOfHttp.safeParse(securitySchemes[name]);
    if (http.success) return http.data.httpAuthSecurityScheme.scheme;
  }
  return 'Bearer';
}

const SchemeOfHttp = z.object({
  httpAuthSecurityScheme: z.object({ scheme: z.string().regex(/^[A-Za-z0-9-]{1,32}$/) }),
});
