export type { AgentDesk } from './agents/agent-desk.ts';
export { endedAgent, mirroredAgent, openedAgent, progressedAgent } from './agents/agent-rules.ts';
export type {
  AgentHooks,
  AgentOutcome,
  AgentReport,
  AgentRequest,
  AgentRun,
  AgentRuntime,
  AgentRuntimes,
  SteeringWord,
} from './agents/agent-runtime.ts';
export {
  type AgentEnd,
  type AgentFilter,
  type AgentProgress,
  type AgentStore,
  DEFAULT_ANNOUNCE_TO,
  KEEP_ENDED_AGENTS_MS,
  type NewAgent,
} from './agents/agent-store.ts';
export type { RemoteProcesses } from './agents/remote-processes.ts';
export type { CallOptions } from './call-options.ts';
export type { CortexOptions, CortexPeerOptions } from './cortex/cortex-peers.ts';
export { createSwarmNode } from './create-swarm-node.ts';
export type { BroadcastDesk, BroadcastOrder } from './directives/broadcast-desk.ts';
export type { DispatchResult } from './directives/dispatch-result.ts';
export type { Effect } from './directives/effects.ts';
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
export type { Tool, ToolContext } from './directives/handlers/tool.ts';
export {
  canInboxMove,
  inboxStatus,
  inboxTransitions,
  requireInboxMove,
  startLimit,
  stateAfterLostWorker,
} from './directives/inbox-lifecycle.ts';
export {
  type Admission,
  type Arrival,
  type FencedWrite,
  type InboxKey,
  type InboxPage,
  type InboxQuery,
  type InboxRow,
  type InboxStore,
  MAX_LISTED_RUNNING,
  type ShownState,
  type StartedWork,
  statusAt,
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
export { endedBeforeStart, endUnknown, LAST_REASON_WORDS, lostWithItsWorker, refused } from './directives/results.ts';
export {
  KEEP_ACKNOWLEDGED_MS,
  KEEP_UNACKNOWLEDGED_MS,
} from './directives/retention.ts';
export { SwarmError, type SwarmErrorCode } from './errors.ts';
export type { FleetDesk } from './fleet-desk.ts';
export { createInMemoryStores, type InMemoryStoresDependencies } from './in-memory-stores.ts';
export { countOfPage, MAX_WAITING_MAIL, type MailLoad, mailBytes } from './mail/mail-bounds.ts';
export type { DeliverMailOptions, MailDesk } from './mail/mail-desk.ts';
export {
  KEEP_ACKNOWLEDGED_MAIL_MS,
  KEEP_MAIL_MS,
  MAX_LISTED,
  type MailQuery,
  type MailStore,
  type NewMail,
} from './mail/mail-store.ts';
export type { DrainOptions, DrainOutcome, EligibilityDesk } from './membership/eligibility-desk.ts';
export { type EligibilityAction, eligibilityAfter } from './membership/eligibility-rules.ts';
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
export {
  admitInto,
  beatInto,
  decideInto,
  type EntryWrite,
  editInto,
  hearInto,
  relayInto,
  removeInto,
} from './membership/registry-rules.ts';
export {
  type LivenessTiming,
  lanTiming,
  livenessTiming,
  localTiming,
  type TimingProfile,
  timingProfiles,
  wanTiming,
} from './membership/timing.ts';
export type { Registration } from './registration.ts';
export { noAccounting, type ResourceAccounting } from './resources/accounting.ts';
export { growthOf } from './resources/usage-growth.ts';
export {
  HOUR_MS,
  KEEP_HOURS_MS,
  KEEP_RUNS_MS,
  MAX_COPIED_SERIES,
  type NodeHours,
  type RunReading,
  type UsageLedger,
} from './resources/usage-ledger.ts';
export { byHour, type KnownRun, readRuns } from './resources/usage-reading.ts';
export { createNodeIdentity, importNodeIdentity, type NodeIdentity, nodeIdOf } from './security/node-identity.ts';
export type { PolicyOptions } from './security/policy.ts';
export type { StoredJoinToken, TokenStore, TokenUse } from './security/token-store.ts';
export { entryBytes } from './state/entry-bytes.ts';
export type { StateNamespace, StateSender } from './state/namespace.ts';
export type { NamespaceSize, StateDesk } from './state/state-desk.ts';
export { isLaterEntry, latestOfEach, nextVersion } from './state/state-rules.ts';
export {
  KEEP_TOMBSTONES_MS,
  type MergeOutcome,
  type StateChanges,
  type StateSize,
  type StateStore,
  type StateValue,
} from './state/state-store.ts';
export type { SwarmStores } from './stores.ts';
export type {
  DiscoveredPeer,
  NodeFilter,
  SwarmNode,
} from './swarm-node.ts';
export type { SwarmNodeOptions } from './swarm-node-options.ts';
export type { NodeCardWords, NodePushOptions, PlainMessageOptions } from './tasks/plain-options.ts';
export type { PlainTaskStore } from './tasks/plain-task-store.ts';
export type { SwarmTransport } from './transport-desk.ts';
