export type {
  ProgramExit,
  ProgramOutcome,
  ProgramRequest,
  ProgramRunner,
} from './directives/handlers/program-runner.ts';
export {
  canInboxMove,
  inboxStatus,
  inboxTransitions,
  requireInboxMove,
  stateAfterLostWorker,
} from './directives/inbox-lifecycle.ts';
export type {
  Admission,
  Arrival,
  FencedWrite,
  InboxKey,
  InboxRow,
  InboxStore,
  StartedWork,
} from './directives/inbox-store.ts';
export {
  canOutboxMove,
  OUTBOX_STATES,
  type OutboxState,
  outboxStatus,
  outboxTransitions,
  requireOutboxMove,
} from './directives/outbox-lifecycle.ts';
export type {
  ClaimedRow,
  NewDirective,
  OutboxFilter,
  OutboxRow,
  OutboxStore,
  Settlement,
} from './directives/outbox-store.ts';
export { agedRank, PRIORITY_AGING_MS, priorityRank } from './directives/priority.ts';
export { SwarmError, type SwarmErrorCode } from './errors.ts';
export type { SwarmEvent } from './events.ts';
export { createInMemoryStores, type InMemoryStoresDependencies } from './in-memory-stores.ts';
export { livenessAfter } from './membership/liveness.ts';
export type {
  AdmittedNode,
  BeatOutcome,
  LivenessChange,
  NodeEntry,
  NodeStore,
  RelayedEntry,
} from './membership/node-store.ts';
export {
  type LivenessTiming,
  lanTiming,
  livenessTiming,
  localTiming,
  type TimingProfile,
  timingProfiles,
  wanTiming,
} from './membership/timing.ts';
export { noAccounting, type ResourceAccounting } from './resources/accounting.ts';
export type { StoredJoinToken, TokenStore, TokenUse } from './security/token-store.ts';
export type { SwarmStores } from './stores.ts';
export type {
  CallOptions,
  DiscoveredPeer,
  DispatchResult,
  NodeFilter,
  SwarmNode,
} from './swarm-node.ts';
