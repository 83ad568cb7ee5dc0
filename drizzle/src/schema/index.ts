/** Every table. `npx drizzle-kit generate` reads this door to write the next migration. */
export { a2aTaskEvents } from './a2a-task-events.ts';
export { a2aTasks } from './a2a-tasks.ts';
export { databaseIdentity } from './database-identity.ts';
export { joinTokens } from './join-tokens.ts';
export { mailbox } from './mailbox.ts';
export { nodeIncarnations } from './node-incarnations.ts';
export { nodes } from './nodes.ts';
export { pushConfigs } from './push-configs.ts';
export { sharedState, stateNamespaces } from './shared-state.ts';
export { swarmAgents } from './swarm-agents.ts';
export { swarmDirectiveEvents } from './swarm-directive-events.ts';
export { swarmDirectiveInbox } from './swarm-directive-inbox.ts';
export { swarmDirectives } from './swarm-directives.ts';
export { swarmResourceSnapshots } from './swarm-resource-snapshots.ts';
export { usageHours, usageRuns } from './usage.ts';
