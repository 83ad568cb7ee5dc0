/** /agents: those that run on this node and those that it has running elsewhere; to spawn, steer and end them. */
import {
  AgentId,
  AgentKillBody,
  type AgentList,
  AgentListQuery,
  type AgentReply,
  AgentSpawnBody,
  AgentSteerBody,
  type DispatchRequest,
} from '@skein/contracts';
import type { AgentDesk } from '@skein/swarm';
import { Hono } from 'hono';
import type { z } from 'zod';
import { Refusal } from '../refusal.ts';
import { parseBody, parseParameter, parseQuery, refuseQuery } from '../request-body.ts';
import { type SendDeps, SendQuery, sendDirective } from './send-directive.ts';

interface AgentDeps extends SendDeps {
  node: SendDeps['node'] & Pick<AgentDesk, 'listAgents' | 'getAgent' | 'killAgent' | 'steerAgent'>;
}

export function createAgentRoutes({ node, clock }: AgentDeps): Hono {
  const app = new Hono();

  app.post('/', async (c) => {
    const query = parseQuery(c, SendQuery);
    return sendDirective(c, spawnDirective(await parseBody(c, AgentSpawnBody)), query, { node, clock });
  });

  app.get('/', async (c) => {
    const { state, node: nodeId, limit } = parseQuery(c, AgentListQuery);
    const agents = await node.listAgents({ limit, ...(state && { state }), ...(nodeId && { node: nodeId }) });
    return c.json({ agents } satisfies z.infer<typeof AgentList>);
  });

  app.get('/:id', async (c) => {
    refuseQuery(c);
    const id = parseParameter(c.req.param('id'), AgentId, 'id');
    const entry = await node.getAgent(id);
    if (entry) return c.json(entry);
    throw new Refusal(404, 'agent_not_found', `this node knows no agent ${id}; GET /api/swarm/agents lists them`, {
      metadata: { agentId: id },
    });
  });

  // Neither ends with its caller: what was ordered is carried out.
  app.post('/:id/kill', async (c) => {
    refuseQuery(c);
    const id = parseParameter(c.req.param('id'), AgentId, 'id');
    const { reason } = await parseBody(c, AgentKillBody);
    const agent = await node.killAgent(id, reason === undefined ? {} : { reason });
    return c.json({ agent } satisfies z.infer<typeof AgentReply>);
  });

  app.post('/:id/steer', async (c) => {
    refuseQuery(c);
    const id = parseParameter(c.req.param('id'), AgentId, 'id');
    const { text } = await parseBody(c, AgentSteerBody);
    return c.json(await node.steerAgent(id, text));
  });
  return app;
}

/** What says how it travels, apart from what the agent is told; a key that was not given stays away. */
function spawnDirective({
  target,
  priority,
  ttlMs,
  parentDirectiveId,
  ...payload
}: z.infer<typeof AgentSpawnBody>): DispatchRequest {
  const travel = { target, priority, ttlMs, ...(parentDirectiveId && { parentDirectiveId }) };
  return { kind: 'spawn_agent', payload, ...travel };
}
