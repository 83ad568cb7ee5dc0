/** What a node tells its program: past tense, typed, after the fact was stored. */
import type { DirectiveId, DirectiveStatus, Liveness, NodeId } from '@skein/contracts';
import type { LivenessChange } from './membership/node-store.ts';

export type SwarmEvent =
  | { type: 'node.liveness_changed'; nodeId: NodeId; from: Liveness; to: Liveness; incarnation: number }
  | { type: 'node.admitted'; nodeId: NodeId; name: string; incarnation: number }
  | { type: 'seed.joined'; seed: string; nodeId: NodeId }
  | { type: 'seed.failed'; seed: string; attempt: number; reason: string; retryInMs: number }
  | { type: 'heartbeat.answered'; nodeId: NodeId }
  | { type: 'heartbeat.failed'; nodeId: NodeId; reason: string }
  | { type: 'directive.status_changed'; directiveId: DirectiveId; side: 'outbox' | 'inbox'; status: DirectiveStatus };

/** A change that the registry reports, as an event. */
export function livenessChanged({ id, from, to, incarnation }: LivenessChange): SwarmEvent {
  return { type: 'node.liveness_changed', nodeId: id, from, to, incarnation };
}
