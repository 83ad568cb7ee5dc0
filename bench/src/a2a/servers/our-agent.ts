import type { AgentExecutor } from '@skein/a2a-transport';
import type { AgentCard } from '@skein/contracts/a2a';
import { artifact } from '../exchange.ts';

/** One artifact and the end: three events, the task's own beginning among them. */
export const ourAgent: AgentExecutor = {
  async *execute() {
    yield {
      artifact: {
        artifactId: artifact.artifactId,
        name: artifact.name,
        parts: [{ text: artifact.text.repeat(2), mediaType: 'text/plain' }],
      },
    };
  },
};

export const ourCard: AgentCard = {
  name: 'Bench agent',
  description: 'Compares offers',
  version: '1.0.0',
  supportedInterfaces: [{ url: 'http://127.0.0.1/a2a', protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
  capabilities: { streaming: true },
  defaultInputModes: ['text/plain'],
  defaultOutputModes: ['text/plain'],
  skills: [],
};
