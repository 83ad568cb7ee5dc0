import { systemClock } from '@skein/contracts/runtime';
import { expect, test } from 'vitest';
import { fakeDesks, sendingNode } from '../../testing/fake-desks.ts';
import { callerOf } from '../../testing/rest-caller.ts';
import { AGENT, BROADCAST, MAIL, NODE, OTHER } from '../../testing/sample-views.ts';
import { createDeskRoutes } from './desks.ts';

function asked() {
  const calls: string[] = [];
  const node = { id: NODE, ...sendingNode(calls), ...fakeDesks(calls) };
  return { calls, ...callerOf('/', createDeskRoutes({ node, clock: systemClock })) };
}

const order = { kind: 'query_resources', payload: {} };
const spawn = { target: OTHER, agentType: 'indexer', instruction: 'index' };

test.each<[string, string, unknown, string]>([
  ['GET', '/topology', undefined, 'getSwarmTopology'],
  ['GET', '/report', undefined, 'getResourceReport'],
  ['GET', '/processes', undefined, 'getFullProcessTree'],
  ['GET', `/nodes/${OTHER}/health`, undefined, 'getNodeHealth'],
  ['PATCH', `/nodes/${OTHER}`, { tier: 'sudo' }, 'editNode'],
  ['DELETE', `/nodes/${OTHER}`, undefined, 'removeNode'],
  ['GET', `/nodes/${OTHER}/eligibility`, undefined, 'getEligibility'],
  ['POST', `/nodes/${OTHER}/drain`, {}, 'drain'],
  ['POST', `/nodes/${OTHER}/undrain`, {}, 'undrain'],
  ['POST', `/nodes/${OTHER}/seal`, {}, 'seal'],
  ['POST', '/unseal', {}, 'unseal'],
  ['POST', '/broadcast', order, 'submitBroadcast'],
  ['POST', '/broadcast?wait=true', order, 'broadcast'],
  ['GET', `/broadcast/${BROADCAST}`, undefined, 'getBroadcast'],
  ['POST', '/agents', spawn, 'submit'],
  ['POST', '/agents?wait=true', spawn, 'dispatch'],
  ['GET', '/agents', undefined, 'listAgents'],
  ['GET', `/agents/${AGENT}`, undefined, 'getAgent'],
  ['POST', `/agents/${AGENT}/kill`, {}, 'killAgent'],
  ['POST', `/agents/${AGENT}/steer`, { text: 'go on' }, 'steerAgent'],
  ['GET', '/mailboxes', undefined, 'listMailboxes'],
  ['GET', '/mailboxes/session/threads', undefined, 'listMail'],
  ['GET', '/mailboxes/session/threads/threads', undefined, 'listThreads'],
  ['POST', '/mailboxes/session/agents/acknowledge', { ids: [MAIL] }, 'acknowledgeMail'],
  ['GET', '/state', undefined, 'listNamespaces'],
  ['GET', '/state/memory', undefined, 'listState'],
  ['GET', '/state/memory/sync', undefined, 'getState'],
  ['PUT', '/state/memory/sync', { value: 1 }, 'putState'],
  ['DELETE', '/state/memory/sync', undefined, 'deleteState'],
  ['POST', '/state/memory/sync', { nodeId: OTHER }, 'syncState'],
])('%s %s with %j asks the node for %s', async (method, path, body, name) => {
  const { call, calls } = asked();
  expect((await call(method, path, body)).status).toBe(500);
  expect(calls).toEqual([name]);
});
