/** What the node says of itself in its agent card. */
import type { AgentDescription } from '@skein/a2a-transport';
import type { AgentCard } from '@skein/contracts/a2a';
import { endpointOf } from './peers/peer-caller.ts';
import type { NodeCardWords } from './tasks/plain-options.ts';

export interface CardOptions {
  name: string;
  origin: string;
  version: string;
  /** The program's own words. @default none */
  words?: NodeCardWords | undefined;
}

/** For a server, which adds where and in which versions it speaks. */
export function describeNode({ name, origin, version, words }: CardOptions): AgentDescription {
  return {
    name,
    description: `Skein node ${name}: takes directives from the nodes of its swarm`,
    defaultInputModes: ['application/json', 'text/plain'],
    defaultOutputModes: ['application/json', 'text/plain'],
    ...words,
    version,
    url: origin,
    securitySchemes: { bearer: { httpAuthSecurityScheme: { scheme: 'Bearer', bearerFormat: 'JWS' } } },
    securityRequirements: [{ schemes: { bearer: { list: [] } } }],
  };
}

/** A whole card, for peers who read it in another dialect. */
export function createNodeCard(options: CardOptions): AgentCard {
  const { url: _, ...described } = describeNode(options);
  return {
    skills: [],
    description: '',
    defaultInputModes: [],
    defaultOutputModes: [],
    ...described,
    version: options.version,
    supportedInterfaces: [{ url: endpointOf(options.origin), protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
    capabilities: { streaming: true, pushNotifications: false, extendedAgentCard: false },
  };
}
