/** A sealed node calls nobody: it neither joins, nor sends, nor reports. Its last heartbeat tells the seeds that it is. */
import type { OwnEligibility } from '../membership/own-eligibility.ts';
import type { PeerCaller } from './peer-caller.ts';

export function closedWhileSealed(caller: PeerCaller, own: Pick<OwnEligibility, 'requireOpen'>): PeerCaller {
  return {
    latencyMs: caller.latencyMs,
    async call(peer, method, params, reply, options) {
      if (method !== 'SwarmHeartbeat') own.requireOpen();
      return caller.call(peer, method, params, reply, options);
    },
    async *stream(peer, params, options) {
      own.requireOpen();
      yield* caller.stream(peer, params, options);
    },
    async callUnsigned(origin, method, params, reply, options) {
      own.requireOpen();
      return caller.callUnsigned(origin, method, params, reply, options);
    },
  };
}
