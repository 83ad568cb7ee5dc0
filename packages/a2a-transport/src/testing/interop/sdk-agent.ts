/**
 * An agent on the official SDK's server, as its documents set it up: on express, with its v0.3 mode and push notifications
 * on. It does as our-agent.ts does.
 */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AgentCard, type Artifact, Role, TaskState } from '@a2a-js/sdk';
import { createLegacyAwarePushNotificationSender } from '@a2a-js/sdk/compat/v0_3/server';
import {
  type AgentExecutor,
  DefaultRequestHandler,
  InMemoryPushNotificationStore,
  InMemoryTaskStore,
  AgentEvent as SdkEvent,
} from '@a2a-js/sdk/server';
import { agentCardHandler, jsonRpcHandler } from '@a2a-js/sdk/server/express';
import express from 'express';
import type { ServedApp } from '../serve-app.ts';

export async function serveSdkAgent(versions: readonly string[]): Promise<ServedApp> {
  const app = express();
  const server = await new Promise<Server>((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
  });
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const origin = `http://127.0.0.1:${port}`;
  const card = AgentCard.fromJSON({
    name: 'SDK',
    supportedInterfaces: versions.map((protocolVersion) => ({
      ...{ url: `${origin}/a2a`, protocolBinding: 'JSONRPC', protocolVersion },
    })),
    capabilities: { streaming: true, pushNotifications: true, extendedAgentCard: true },
    defaultInputModes: ['text/plain'],
    defaultOutputModes: ['text/plain'],
  });
  const configs = new InMemoryPushNotificationStore();
  const sender = createLegacyAwarePushNotificationSender(configs);
  const requestHandler = new DefaultRequestHandler(
    card,
    new InMemoryTaskStore(),
    createAgent(),
    undefined,
    configs,
    sender,
    AgentCard.fromJSON({ ...Object(AgentCard.toJSON(card)), name: 'SDK, extended' }),
  );
  const legacyCompat = { enabled: true };
  app.use('/.well-known/agent-card.json', agentCardHandler({ agentCardProvider: requestHandler, legacyCompat }));
  app.use('/a2a', jsonRpcHandler({ requestHandler, userBuilder: async () => known, legacyCompat }));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { origin, close, [Symbol.asyncDispose]: close };
}

/** Who is known may read the extended card. */
const known = { isAuthenticated: true, userName: 'somebody' };

/** Answers "answer" with a message, waits at "wait" until it is cancelled, and makes a task of everything else. */
function createAgent(): AgentExecutor {
  const waiting = new Map<string, () => void>();
  return {
    async execute({ taskId, contextId, userMessage }, bus) {
      const ids = { taskId, contextId };
      const status = (state: TaskState) =>
        SdkEvent.statusUpdate({
          ...ids,
          status: { state, message: undefined, timestamp: undefined },
          metadata: undefined,
        });
      const { content } = userMessage.parts[0] ?? {};
      if (content?.value === 'answer') {
        bus.publish(
          SdkEvent.message({ ...userMessage, messageId: 'answer', role: Role.ROLE_AGENT, taskId: '', contextId }),
        );
        return bus.finished();
      }
      const working = { state: TaskState.TASK_STATE_WORKING, message: undefined, timestamp: undefined };
      const task = { id: taskId, contextId, status: working, artifacts: [], history: [userMessage] };
      bus.publish(SdkEvent.task({ ...task, metadata: undefined }));
      if (content?.value === 'wait') await new Promise<void>((resolve) => waiting.set(taskId, resolve));
      if (waiting.delete(taskId)) {
        bus.publish(status(TaskState.TASK_STATE_CANCELED));
        return bus.finished();
      }
      const events = ['one ', 'two'].map((text, index) =>
        SdkEvent.artifactUpdate({
          ...ids,
          artifact: artifactOf(text),
          append: index > 0,
          lastChunk: index > 0,
          metadata: undefined,
        }),
      );
      for (const event of events) bus.publish(event);
      bus.publish(status(TaskState.TASK_STATE_COMPLETED));
      bus.finished();
    },
    cancelTask: async (taskId) => waiting.get(taskId)?.(),
  };
}

function artifactOf(text: string): Artifact {
  const part = { content: { $case: 'text' as const, value: text }, metadata: undefined, filename: '', mediaType: '' };
  return { artifactId: 'out', name: '', description: '', parts: [part], metadata: undefined, extensions: [] };
}
