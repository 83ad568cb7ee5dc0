export { createSwarmNode } from './create-swarm-node.ts';
export type {
  DirectiveHandler,
  DirectiveHandlers,
  HandlerContext,
  HandlerOutcome,
} from './directives/handlers/handler.ts';
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
  startLimit,
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
export {
  type ClaimedRow,
  DEFAULT_POLL_MS,
  type NewDirective,
  type OutboxFilter,
  type OutboxRow,
  type OutboxStore,
  type Settlement,
} from './directives/outbox-store.ts';
export { agedRank, PRIORITY_AGING_MS, priorityRank } from './directives/priority.ts';
export { endedBeforeStart, endUnknown, lostWithItsWorker, refused } from './directives/results.ts';
export {
  KEEP_ACKNOWLEDGED_MS,
  KEEP_UNACKNOWLEDGED_MS,
} from './directives/retention.ts';
export { SwarmError, type SwarmErrorCode } from './errors.ts';
export type { SwarmEvent } from './events.ts';
export { createInMemoryStores, type InMemoryStoresDependencies } from './in-memory-stores.ts';
export { livenessAfter } from './membership/liveness.ts';
export {
  type AdmittedNode,
  type BeatOutcome,
  CHANGES_LIMIT,
  type LivenessChange,
  type NodeEntry,
  type NodeStore,
  type RelayedEntry,
  SNAPSHOTS_KEPT,
} from './membership/node-store.ts';
export { admitInto, beatInto, type EntryWrite, relayInto } from './membership/registry-rules.ts';
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
export { createNodeIdentity, importNodeIdentity, type NodeIdentity, nodeIdOf } from './security/node-identity.ts';
export type { PolicyOptions } from './security/policy.ts';
export type { StoredJoinToken, TokenStore, TokenUse } from './security/token-store.ts';
export type { SwarmStores } from './stores.ts';
export type {
  CallOptions,
  DiscoveredPeer,
  DispatchResult,
  NodeFilter,
  SwarmNode,
} from './swarm-node.ts';
export type { SwarmNodeOptions } from './swarm-node-options.ts';
