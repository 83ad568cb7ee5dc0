/** The node's agent card, and what answers those who come without a directive. */
import type { AgentExecutor } from '@skein/a2a-transport';
import type { AgentCard } from '@skein/contracts/a2a';
import { endpointOf } from './peers/peer-caller.ts';

export interface CardOptions {
  name: string;
  origin: string;
  version: string;
}

export function createNodeCard({ name, origin, version }: CardOptions): AgentCard {
  return {
    name,
    description: `Skein node ${name}: takes directives from the nodes of its swarm`,
    version,
    supportedInterfaces: [{ url: endpointOf(origin), protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
    capabilities: { streaming: true, pushNotifications: false, extendedAgentCard: false },
    defaultInputModes: ['application/json', 'text/plain'],
    defaultOutputModes: ['application/json', 'text/plain'],
    skills: [],
    securitySchemes: { bearer: { httpAuthSecurityScheme: { scheme: 'Bearer', bearerFormat: 'JWS' } } },
    securityRequirements: [{ schemes: { bearer: { list: [] } } }],
  };
}

/** A plain message never becomes a directive: where no agent is configured to take it, its task is refused, with why. */
export const noDefaultAgent: AgentExecutor = {
  async *execute() {
    const text =
      'This node has no agent for plain messages. Send a directive under the extension urn:skein:a2a:swarm:v1, ' +
      'or ask its operator to configure a default agent.';
    yield { status: { state: 'TASK_STATE_REJECTED', message: { parts: [{ text }] } } };
  },
};
