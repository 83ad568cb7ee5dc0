import type { AgentCard } from '@a2a-js/sdk';

/** The bench agent's card in the SDK's words. */
export function sdkCard(url: string): AgentCard {
  return {
    name: 'Bench agent',
    description: 'Compares offers',
    version: '1.0.0',
    provider: undefined,
    supportedInterfaces: [{ url, protocolBinding: 'JSONRPC', protocolVersion: '1.0', tenant: '' }],
    capabilities: { streaming: true, pushNotifications: false, extensions: [] },
    securitySchemes: {},
    securityRequirements: [],
    defaultInputModes: ['text/plain'],
    defaultOutputModes: ['text/plain'],
    skills: [],
    signatures: [],
  };
}
