import type { SwarmEvent } from '@skein/contracts';
import type { LivenessChange } from './membership/node-store.ts';

/** A change that the registry reports, as an event. */
export function livenessChanged({ id, from, to, incarnation }: LivenessChange): SwarmEvent {
  return { type: 'node.liveness_changed', nodeId: id, from, to, incarnation };
}
