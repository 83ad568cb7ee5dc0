import type { NodeHealth, NodeId, NodePatchBody, NodeView, ResourceReport, SwarmTopology } from '@skein/contracts';
import type { CallOptions } from './call-options.ts';

/** The calls of a node that look at the whole fleet, and at the registry. */
export interface FleetDesk {
  /**
   * What all nodes' work used in the last day. Nodes are asked within two seconds; for those that do not answer stands
   * what they told last.
   */
  getResourceReport(options?: CallOptions): Promise<ResourceReport>;
  /** Who runs what, where, and for whom, with totals for each branch. Nodes are asked within two seconds. */
  getSwarmTopology(options?: CallOptions): Promise<SwarmTopology>;
  /** A node's figures against their thresholds; undefined where it is not known. */
  getNodeHealth(id: NodeId): Promise<NodeHealth | undefined>;
  /** Changes a node's tier or group here. Errors: UNKNOWN_NODE, AGENTS_RUNNING. */
  editNode(id: NodeId, change: NodePatchBody): Promise<NodeView>;
  /**
   * Takes a node out of the registry; its directives and figures stay. It needs a new join token to come back.
   * Errors: UNKNOWN_NODE, AGENTS_RUNNING, INVALID_ARGUMENT (this node itself).
   */
  removeNode(id: NodeId): Promise<NodeView>;
}
