import type { AddressInfo } from 'node:net';
import type { AgentCard } from '@a2a-js/sdk';
import { type AgentExecutor, DefaultRequestHandler, type TaskStore } from '@a2a-js/sdk/server';
import { jsonRpcHandler, UserBuilder } from '@a2a-js/sdk/server/express';
import express from 'express';
import { becomeServer } from '../../harness/program.ts';

const card: AgentCard = {
  name: 'Bench agent',
  description: 'Compares offers',
  version: '1.0.0',
  provider: undefined,
  supportedInterfaces: [
    { url: 'http://127.0.0.1/a2a', protocolBinding: 'JSONRPC', protocolVersion: '1.0', tenant: '' },
  ],
  capabilities: { streaming: true, pushNotifications: false, extensions: [] },
  securitySchemes: {},
  securityRequirements: [],
  defaultInputModes: ['text/plain'],
  defaultOutputModes: ['text/plain'],
  skills: [],
  signatures: [],
};

/** The SDK's server on express, as its documents set it up. */
export function serveSdk(taskStore: TaskStore, agent: AgentExecutor): void {
  const requestHandler = new DefaultRequestHandler(card, taskStore, agent);
  const app = express();
  app.use('/a2a', jsonRpcHandler({ requestHandler, userBuilder: UserBuilder.noAuthentication }));
  const server = app.listen(0, '127.0.0.1', () => becomeServer((server.address() as AddressInfo).port));
}
