export { type BackoffOptions, backoffMs } from './backoff.ts';
export { type Clock, deadlineSignal, systemClock } from './clock.ts';
export { createEmitter, type Emitter, type EventSource } from './events.ts';
export { LinkedList, type Place } from './linked-list.ts';
export { LinkedMap } from './linked-map.ts';
export { type LinkedSignal, linkedSignal } from './linked-signal.ts';
export { type LogFields, type Logger, silentLogger } from './logger.ts';
export { type Random, systemRandom } from './random.ts';
export { createTurnEnd, nextTurn, type TurnEnd } from './turn-end.ts';
