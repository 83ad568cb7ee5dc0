/** Every table. `npx drizzle-kit generate` reads this door to write the next migration. */
export { databaseIdentity } from './database-identity.ts';
export { joinTokens } from './join-tokens.ts';
export { nodeIncarnations } from './node-incarnations.ts';
export { nodes } from './nodes.ts';
export { swarmDirectiveEvents } from './swarm-directive-events.ts';
export { swarmDirectiveInbox } from './swarm-directive-inbox.ts';
export { swarmDirectives } from './swarm-directives.ts';
export { swarmResourceSnapshots } from './swarm-resource-snapshots.ts';
