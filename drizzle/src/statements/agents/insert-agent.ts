import type { AgentView } from '@skein/contracts';
import { jsonText, type RawRow, type Sql } from '../statement.ts';

/** – → a new row. Nothing comes back where the id is taken. What another node runs is not ours to report: its version counts as told. */
export function insertAgent(sql: Sql, agent: AgentView, reportedVersion: number) {
  return sql<RawRow[]>`
    insert into swarm_agents (
      id, node_id, spawned_by, directive_id, parent_directive_id, agent_type, name, mode, state, pid, started_at, ended_at,
      restarts, progress, usage, result, version, reported_version, announced, changed_at
    )
    values (
      ${agent.id}, ${agent.nodeId}, ${agent.spawnedBy}, ${agent.directiveId}, ${agent.parentDirectiveId},
      ${agent.agentType}, ${agent.name}, ${agent.mode}, ${agent.state}, ${agent.pid}, ${agent.startedAt}::timestamptz,
      ${agent.endedAt}::timestamptz, ${agent.restarts}, ${agent.progress}, ${jsonText(agent.usage)}::json,
      ${jsonText(agent.result)}::json, ${agent.version}, ${reportedVersion}, false, skein_now()
    )
    on conflict (id) do nothing
    returning *`;
}
