import { AgentEntry, AgentList, AgentReply, DispatchReply, SteerAgentReply } from '@skein/contracts';
import { systemClock } from '@skein/contracts/runtime';
import { SwarmError } from '@skein/swarm';
import { expect, test } from 'vitest';
import { callerOf, unforeseen } from '../../testing/rest-caller.ts';
import { AGENT, agentView, DIRECTIVE, directiveView, MAIL, NODE, OTHER } from '../../testing/sample-views.ts';
import { createAgentRoutes } from './agents.ts';

type AgentDoor = Parameters<typeof createAgentRoutes>[0]['node'];

function agents(over: Partial<AgentDoor> = {}) {
  const node: AgentDoor = {
    ...{ submit: unforeseen, dispatch: unforeseen, getDirective: unforeseen },
    dispatchStream: () => {
      throw new Error('this test does not come so far');
    },
    ...{ listAgents: unforeseen, getAgent: unforeseen, killAgent: unforeseen, steerAgent: unforeseen },
    ...over,
  };
  return callerOf('/agents', createAgentRoutes({ node, clock: systemClock }));
}

const spawn = { target: OTHER, agentType: 'indexer', instruction: 'index the notes' };

test('a spawn is a directive: what the agent is told in its payload, how it travels beside it, nothing that was not given', async () => {
  const sent: unknown[] = [];
  const submit: AgentDoor['submit'] = async (input) => {
    sent.push(input);
    return { ...directiveView, kind: 'spawn_agent' };
  };
  const { reply } = agents({ submit });
  const full = {
    ...spawn,
    ...{ target: { group: 'gpu' }, name: 'notes', context: { depth: 2 }, limits: { timeoutMs: 1_000 }, mode: 'wait' },
    ...{ announceTo: { session: 'me' }, priority: 'high', ttlMs: 5_000, parentDirectiveId: DIRECTIVE },
  };
  expect((await reply(DispatchReply, 'POST', '/agents', spawn)).status).toBe(202);
  expect((await reply(DispatchReply, 'POST', '/agents', full)).status).toBe(202);
  expect(sent).toStrictEqual([
    {
      kind: 'spawn_agent',
      payload: { agentType: 'indexer', instruction: 'index the notes', mode: 'detach' },
      ...{ target: OTHER, priority: 'normal', ttlMs: 120_000 },
    },
    {
      kind: 'spawn_agent',
      payload: {
        ...{ agentType: 'indexer', instruction: 'index the notes', name: 'notes', context: { depth: 2 } },
        ...{ limits: { timeoutMs: 1_000 }, mode: 'wait', announceTo: { session: 'me' } },
      },
      ...{ target: { group: 'gpu' }, priority: 'high', ttlMs: 5_000, parentDirectiveId: DIRECTIVE },
    },
  ]);
});

const metrics = {
  ...{ tokensIn: 0, tokensOut: 0, costMicroUsd: 0, toolCalls: 0, cpuMs: 0, peakMemoryBytes: 0, durationMs: 3 },
};
const result = { status: 'completed', started: true, metrics } as const;

test('who waits for a spawn gets the directive with its end', async () => {
  const ended = { ...directiveView, status: 'completed', result } as const;
  const { reply } = agents({
    dispatch: async () => ({ ...result, directiveId: DIRECTIVE, nodeId: OTHER }),
    getDirective: async () => ({ directive: ended, events: [] }),
  });
  const { status, body } = await reply(DispatchReply, 'POST', '/agents?wait=true', spawn);
  expect([status, body.directive.result?.status]).toEqual([200, 'completed']);
});

test('a spawn is streamed to whoever accepts events', async () => {
  const { call } = agents({
    async *dispatchStream() {
      yield { type: 'result', directiveId: DIRECTIVE, result };
    },
  });
  const response = await call('POST', '/agents', spawn, { accept: 'text/event-stream' });
  expect(await response.text()).toContain('event: result\ndata: {');
});

test('agents are listed by state, node and limit', async () => {
  const asked: unknown[] = [];
  const { reply } = agents({
    listAgents: async (query) => {
      asked.push(query);
      return [{ agent: agentView, pid: 900_001 }];
    },
  });
  expect((await reply(AgentList, 'GET', '/agents')).body.agents).toMatchObject([{ pid: 900_001 }]);
  await reply(AgentList, 'GET', `/agents?state=running&node=${OTHER}&limit=3`);
  expect(asked).toStrictEqual([{ limit: 50 }, { limit: 3, state: 'running', node: OTHER }]);
});

test('an agent is told with its PID here', async () => {
  const { reply } = agents({ getAgent: async (id) => (id === AGENT ? { agent: agentView, pid: 900_001 } : undefined) });
  expect((await reply(AgentEntry, 'GET', `/agents/${AGENT}`)).body.agent.id).toBe(AGENT);
});

test('an agent is ended, with a reason or without a body', async () => {
  const asked: unknown[] = [];
  const killAgent: AgentDoor['killAgent'] = async (...call) => {
    asked.push(call);
    return { ...agentView, state: 'killed' };
  };
  const { reply } = agents({ killAgent });
  expect((await reply(AgentReply, 'POST', `/agents/${AGENT}/kill`)).body.agent.state).toBe('killed');
  await reply(AgentReply, 'POST', `/agents/${AGENT}/kill`, { reason: 'enough' });
  expect(asked).toStrictEqual([
    [AGENT, {}],
    [AGENT, { reason: 'enough' }],
  ]);
});

test('a word to an agent is answered with where it arrived', async () => {
  const { reply } = agents({ steerAgent: async () => ({ mailId: MAIL, delivered: 'stdin' }) });
  const { status, body } = await reply(SteerAgentReply, 'POST', `/agents/${AGENT}/steer`, { text: 'only Mondays' });
  expect([status, body]).toEqual([200, { mailId: MAIL, delivered: 'stdin' }]);
});

test.each<[string, string, unknown, number, string, string]>([
  ['GET', '?state=asleep', undefined, 400, 'invalid_argument', 'state: expected one of starting, running'],
  ['GET', '?node=node-2', undefined, 400, 'invalid_argument', 'node: a node id has 26 characters'],
  ['GET', '?limit=0', undefined, 400, 'invalid_argument', 'limit: expected at least 1'],
  ['GET', '?colour=red', undefined, 400, 'invalid_argument', 'colour is not a known key'],
  ['GET', '/7', undefined, 400, 'invalid_argument', 'id: an agent id is a UUID'],
  ['GET', `/${DIRECTIVE}`, undefined, 404, 'agent_not_found', 'GET /api/swarm/agents lists them'],
  ['GET', `/${AGENT}?full=1`, undefined, 400, 'invalid_argument', 'full is not a known key'],
  ['POST', '', {}, 400, 'invalid_argument', 'target: a target is a node id, or a selector'],
  ['POST', '', { ...spawn, target: 'node-2' }, 400, 'invalid_argument', 'target: a node id has 26 characters'],
  ['POST', '', { ...spawn, agentType: '' }, 400, 'invalid_argument', 'agentType: expected at least 1 character'],
  ['POST', '', { ...spawn, instruction: undefined }, 400, 'invalid_argument', 'instruction: is missing'],
  ['POST', '', { ...spawn, mode: 'later' }, 400, 'invalid_argument', 'mode: expected one of wait, detach'],
  ['POST', '', { ...spawn, limits: { timeout: 1 } }, 400, 'invalid_argument', 'limits.timeout is not a known key'],
  ['POST', '?wait=yes', spawn, 400, 'invalid_argument', 'wait: expected one of true, false'],
  ['POST', `/${AGENT}/kill`, { why: 'x' }, 400, 'invalid_argument', 'why is not a known key'],
  ['POST', `/${AGENT}/kill?force=true`, {}, 400, 'invalid_argument', 'force is not a known key'],
  ['POST', `/${AGENT}/steer`, {}, 400, 'invalid_argument', 'text: is missing: expected text'],
  ['POST', `/${AGENT}/steer`, { text: '' }, 400, 'invalid_argument', 'text: expected at least 1 character'],
])('%s /agents%s with %j is refused with %i %s', async (method, path, body, status, reason, message) => {
  const refused = await agents({ getAgent: async () => undefined }).refusal(method, `/agents${path}`, body);
  expect(refused).toMatchObject({ status, reason });
  expect(refused.message).toContain(message);
});

test('what the agent’s node says no to keeps its reason', async () => {
  const steerAgent = async () => {
    throw new SwarmError('AGENT_ENDED', 'the agent has ended', { metadata: { nodeId: NODE } });
  };
  const refused = await agents({ steerAgent }).refusal('POST', `/agents/${AGENT}/steer`, { text: 'go on' });
  expect(refused).toMatchObject({ status: 409, reason: 'agent_ended', metadata: { nodeId: NODE } });
});
