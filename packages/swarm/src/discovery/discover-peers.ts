/** Who is there: asks endpoints for their cards. What answers is shown as untrusted until it is joined. */
import type { HttpPort } from '@skein/a2a-transport';
import type { NodeId } from '@skein/contracts';
import type { Clock, Logger } from '@skein/contracts/runtime';
import { readSwarmCard, seedOrigin } from '../membership/joining.ts';
import type { NodeStore } from '../membership/node-store.ts';
import type { DiscoveredPeer } from '../swarm-node.ts';

export interface DiscoveryDeps {
  self: NodeId;
  http: HttpPort;
  clock: Clock;
  nodes: Pick<NodeStore, 'find'>;
  logger: Logger;
}

/** In the order of the endpoints; those that are silent, or no Skein nodes, are left out and logged. So is the node itself, unlogged. */
export async function discoverPeers(
  { self, http, clock, nodes, logger }: DiscoveryDeps,
  endpoints: readonly string[],
  signal: AbortSignal,
): Promise<DiscoveredPeer[]> {
  const found = await Promise.all(
    endpoints.map(async (endpoint): Promise<DiscoveredPeer | undefined> => {
      const origin = seedOrigin(endpoint);
      try {
        const { name, params } = await readSwarmCard(origin, { http, clock }, signal);
        if (params.nodeId === self) return undefined; // a list of seeds that all nodes share names each of them
        const known = await nodes.find(params.nodeId);
        return { endpoint: origin, nodeId: params.nodeId, name, trusted: known !== undefined && !known.removed };
      } catch (cause) {
        signal.throwIfAborted();
        logger.info('an endpoint did not answer as a Skein node', { endpoint: origin, cause });
        return undefined;
      }
    }),
  );
  return found.filter((peer) => peer !== undefined);
}
