import {
  type AgentId,
  type AgentMode,
  type AgentResult,
  AgentState,
  type DirectiveId,
  type NodeId,
  type Usage,
} from '@skein/contracts';
import { sql } from 'drizzle-orm';
import { bigint, boolean, check, index, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { idText, instant, json } from './column-types.ts';
import { isOneOf } from './directive-checks.ts';

const openStates = ['starting', 'running'] satisfies AgentState[];

/** Agents of the nodes whose home this database is, and what other nodes told of those that were spawned from here. */
export const swarmAgents = pgTable(
  'swarm_agents',
  {
    id: idText().$type<AgentId>().primaryKey(),
    seq: bigint({ mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
    nodeId: idText('node_id').$type<NodeId>().notNull(),
    spawnedBy: idText('spawned_by').$type<NodeId>().notNull(),
    directiveId: idText('directive_id').$type<DirectiveId>().notNull(),
    parentDirectiveId: idText('parent_directive_id').$type<DirectiveId>(),
    agentType: text('agent_type').notNull(),
    name: text().notNull(),
    mode: text().$type<AgentMode>().notNull(),
    state: text().$type<AgentState>().notNull(),
    pid: integer(),
    startedAt: instant('started_at').notNull(),
    endedAt: instant('ended_at'),
    restarts: integer().notNull(),
    progress: text(),
    usage: json().$type<Usage>().notNull(),
    result: json().$type<AgentResult>(),
    version: integer().notNull(),
    /** The last version that the spawner confirmed. */
    reportedVersion: integer('reported_version').notNull(),
    /** Whether the spawner has told of its end. */
    announced: boolean().notNull(),
    changedAt: instant('changed_at').notNull(),
  },
  (table) => [
    index('swarm_agents_home').on(table.nodeId, table.startedAt),
    index('swarm_agents_spawned').on(table.spawnedBy, table.startedAt),
    index('swarm_agents_open').on(table.nodeId).where(isOneOf(table.state, openStates)),
    index('swarm_agents_unreported')
      .on(table.nodeId, table.changedAt)
      .where(sql`${table.reportedVersion} < ${table.version} and ${table.nodeId} <> ${table.spawnedBy}`),
    index('swarm_agents_unannounced')
      .on(table.spawnedBy, table.endedAt)
      .where(sql`${table.endedAt} is not null and ${table.mode} = 'detach' and not ${table.announced}`),
    index('swarm_agents_age').on(table.changedAt).where(sql`${table.endedAt} is not null`),
    check('swarm_agents_state', isOneOf(table.state, AgentState.options)),
  ],
);
