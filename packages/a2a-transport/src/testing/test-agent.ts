import type { AgentCard, Message, SendMessageParams } from '@skein/contracts/a2a';

/** A card that says as little as a card may. */
export function createTestCard(overrides: Partial<AgentCard> = {}): AgentCard {
  return {
    name: 'Test agent',
    description: 'Answers tests',
    version: '1.0.0',
    supportedInterfaces: [{ url: 'http://agent.test/a2a', protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
    capabilities: { streaming: true },
    defaultInputModes: ['text/plain'],
    defaultOutputModes: ['text/plain'],
    skills: [],
    ...overrides,
  };
}

/** A user's message of one text. */
export function textMessage(text: string, overrides: Partial<Message> = {}): SendMessageParams {
  return { message: { messageId: `message-${text}`, role: 'ROLE_USER', parts: [{ text }], ...overrides } };
}
