import type { AddressInfo } from 'node:net';
import { type AgentExecutor, DefaultRequestHandler, type TaskStore } from '@a2a-js/sdk/server';
import { jsonRpcHandler, UserBuilder } from '@a2a-js/sdk/server/express';
import express from 'express';
import { becomeServer } from '../../harness/program.ts';
import { sdkCard } from '../sdk-card.ts';

/** The SDK's server on express, as its documents set it up. */
export function serveSdk(taskStore: TaskStore, agent: AgentExecutor): void {
  const requestHandler = new DefaultRequestHandler(sdkCard('http://127.0.0.1/a2a'), taskStore, agent);
  const app = express();
  app.use('/a2a', jsonRpcHandler({ requestHandler, userBuilder: UserBuilder.noAuthentication }));
  const server = app.listen(0, '127.0.0.1', () => becomeServer((server.address() as AddressInfo).port));
}
