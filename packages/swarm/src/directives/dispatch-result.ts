import type { DirectiveId, DirectiveResult, NodeId } from '@skein/contracts';

/** The end of a directive, and where it was carried out. */
export interface DispatchResult extends DirectiveResult {
  directiveId: DirectiveId;
  nodeId: NodeId;
}

/** Each field that is given must be the node's own. */
