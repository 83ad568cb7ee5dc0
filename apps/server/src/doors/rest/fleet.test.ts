import {
  FullProcessTree,
  NodeHealth,
  NodeMetricsList,
  NodeView,
  noUsage,
  ResourceReport,
  SnapshotList,
  SwarmTopology,
} from '@skein/contracts';
import { SwarmError } from '@skein/swarm';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { callerOf, unforeseen } from '../../testing/rest-caller.ts';
import { AGENT, NODE, NOW, nodeView, OTHER } from '../../testing/sample-views.ts';
import { createFleetRoutes } from './fleet.ts';
import { createNodeRoutes } from './nodes.ts';
import { createRegistryRoutes } from './registry.ts';

type FleetDoor = Parameters<typeof createFleetRoutes>[0]['node'] &
  Parameters<typeof createNodeRoutes>[0]['node'] &
  Parameters<typeof createRegistryRoutes>[0]['node'];

function fleet(over: Partial<FleetDoor> = {}) {
  const node: FleetDoor = {
    ...{ getSwarmTopology: unforeseen, getResourceReport: unforeseen },
    getFullProcessTree: () => {
      throw new Error('this test does not come so far');
    },
    ...{
      cortexPeers: [],
      listNodes: async () => [nodeView],
      getNode: async (id) => (id === NODE ? nodeView : undefined),
    },
    ...{ listSnapshots: unforeseen, getNodeHealth: unforeseen, editNode: unforeseen, removeNode: unforeseen },
    ...over,
  };
  const routes = new Hono()
    .route('/', createFleetRoutes({ node }))
    .route('/nodes', createNodeRoutes({ node }))
    .route('/nodes', createRegistryRoutes({ node }));
  return callerOf('/', routes);
}

const metrics = {
  ...{ cpuPercent: 12.5, memoryUsedBytes: 1, memoryTotalBytes: 2, diskUsedBytes: 1, diskTotalBytes: 2 },
  ...{ activeProcesses: 1, runningDirectives: 1, queuedDirectives: 0, uptimeMs: 7 },
  ...noUsage,
};

test('the topology, the report and the process tree are told', async () => {
  const { reply } = fleet({
    getSwarmTopology: async () => ({ at: NOW, nodes: [], edges: [], branches: [], totals: noUsage }),
    getResourceReport: async () => ({
      ...{ since: NOW, until: NOW, totalNodes: 1, onlineNodes: 1, totals: noUsage, nodes: [] },
    }),
    getFullProcessTree: () => ({ nodeId: NODE, at: NOW, local: 0, remote: 0, roots: [] }),
  });
  expect((await reply(SwarmTopology, 'GET', '/topology')).body.totals).toEqual(noUsage);
  expect((await reply(ResourceReport, 'GET', '/report')).body.onlineNodes).toBe(1);
  expect((await reply(FullProcessTree, 'GET', '/processes')).body.nodeId).toBe(NODE);
});

test('the last metrics of every node are told, with their hour', async () => {
  const { reply } = fleet({ listNodes: async () => [{ ...nodeView, metrics, lastHeartbeatAt: NOW }] });
  const { body } = await reply(NodeMetricsList, 'GET', '/nodes/metrics');
  expect(body.nodes).toEqual([{ nodeId: NODE, name: 'node-1', metrics, at: NOW }]);
});

test('as many snapshots of a node are told as are asked for', async () => {
  const asked: unknown[] = [];
  const { reply, refusal } = fleet({
    listSnapshots: async (...call) => {
      asked.push(call);
      return [{ nodeId: NODE, takenAt: NOW, metrics }];
    },
  });
  expect((await reply(SnapshotList, 'GET', `/nodes/${NODE}/snapshots`)).body.snapshots).toHaveLength(1);
  await reply(SnapshotList, 'GET', `/nodes/${NODE}/snapshots?limit=1440`);
  expect(await refusal('GET', `/nodes/${OTHER}/snapshots`)).toMatchObject({ status: 404, reason: 'unknown_node' });
  expect(asked).toEqual([
    [NODE, 50],
    [NODE, 1_440],
  ]);
});

test('a node’s health is told, and a stranger’s is not', async () => {
  const health: NodeHealth = { nodeId: NODE, name: 'node-1', status: 'online', grade: 'ok', checks: [] };
  const { reply, refusal } = fleet({ getNodeHealth: async (id) => (id === NODE ? health : undefined) });
  expect((await reply(NodeHealth, 'GET', `/nodes/${NODE}/health`)).body).toEqual(health);
  expect(await refusal('GET', `/nodes/${OTHER}/health`)).toMatchObject({ status: 404, reason: 'unknown_node' });
});

test('a node’s tier and group are changed, and a group is taken away with null', async () => {
  const asked: unknown[] = [];
  const { reply } = fleet({
    editNode: async (id, change) => {
      asked.push([id, change]);
      return nodeView;
    },
  });
  expect((await reply(NodeView, 'PATCH', `/nodes/${OTHER}`, { tier: 'sudo', group: 'lab' })).status).toBe(200);
  await reply(NodeView, 'PATCH', `/nodes/${OTHER}`, { group: null });
  expect(asked).toEqual([
    [OTHER, { tier: 'sudo', group: 'lab' }],
    [OTHER, { group: null }],
  ]);
});

test('a node is removed, unless agents run there: then the answer names them', async () => {
  const busy = new SwarmError('AGENTS_RUNNING', 'end its agents first', { metadata: { agentIds: AGENT } });
  const { reply, refusal } = fleet({
    removeNode: async (id) => {
      if (id === NODE) throw busy;
      return { ...nodeView, id };
    },
  });
  expect((await reply(NodeView, 'DELETE', `/nodes/${OTHER}`)).body.id).toBe(OTHER);
  const refused = await refusal('DELETE', `/nodes/${NODE}`);
  expect(refused).toMatchObject({ status: 409, reason: 'agents_running', metadata: { agentIds: AGENT } });
});

test.each<[string, string, unknown, string]>([
  ['GET', '/topology?depth=1', undefined, 'depth is not a known key'],
  ['GET', '/report?hours=48', undefined, 'hours is not a known key'],
  ['GET', '/processes?all=1', undefined, 'all is not a known key'],
  ['GET', '/nodes/metrics?limit=1', undefined, 'limit is not a known key'],
  ['GET', `/nodes/${NODE}?full=1`, undefined, 'full is not a known key'],
  ['GET', '/nodes/node-2/snapshots', undefined, 'id: a node id has 26 characters'],
  ['GET', `/nodes/${NODE}/snapshots?limit=0`, undefined, 'limit: expected at least 1'],
  ['GET', `/nodes/${NODE}/snapshots?limit=1441`, undefined, 'limit: expected at most 1440'],
  ['GET', `/nodes/${NODE}/snapshots?limit=1.5`, undefined, 'limit'],
  ['GET', '/nodes/node-2/health', undefined, 'id: a node id has 26 characters'],
  ['PATCH', `/nodes/${NODE}`, {}, 'the body: say what to change: tier or group'],
  ['PATCH', `/nodes/${NODE}`, { tier: 'admin' }, 'tier: expected one of root, sudo, unprivileged'],
  ['PATCH', `/nodes/${NODE}`, { group: '' }, 'group: a name has 1 to 63 letters'],
  ['PATCH', `/nodes/${NODE}`, { name: 'x' }, 'name is not a known key'],
  ['PATCH', '/nodes/node-2', { tier: 'root' }, 'id: a node id has 26 characters'],
  ['DELETE', '/nodes/node-2', undefined, 'id: a node id has 26 characters'],
  ['DELETE', `/nodes/${NODE}?force=true`, undefined, 'force is not a known key'],
])('%s %s with %j is refused', async (method, path, body, message) => {
  const refused = await fleet().refusal(method, path, body);
  expect(refused).toMatchObject({ status: 400, reason: 'invalid_argument' });
  expect(refused.message).toContain(message);
});
