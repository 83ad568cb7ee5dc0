import type { AgentCard, Message, SendMessageParams, StreamResponse } from '@skein/contracts/a2a';
import type { MessageHandler } from '../server/message-handler.ts';
import type { CallContext } from '../server/principal.ts';
import { settledAnswer } from '../server/settled-answer.ts';

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

/** A call of nobody in particular, in A2A v1.0. */
export function callContext(overrides: Partial<CallContext> = {}): CallContext {
  const signal = new AbortController().signal;
  return { principal: undefined, extensions: new Set<string>(), protocolVersion: '1.0', signal, ...overrides };
}

/** A message handler of nothing but these events: every task id but theirs is unknown. */
export function scriptedHandler(
  events: (context: CallContext) => AsyncIterable<StreamResponse>,
  overrides: Partial<MessageHandler> = {},
): MessageHandler {
  return {
    send: ({ configuration = {} }, context) => settledAnswer(events(context), configuration),
    async *stream(_params, context) {
      for await (const event of events(context)) yield [{ event }];
    },
    getTask: async () => undefined,
    cancelTask: async () => undefined,
    subscribe: async () => undefined,
    ...overrides,
  };
}
