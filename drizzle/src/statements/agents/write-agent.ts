import type { AgentView } from '@skein/contracts';
import { jsonText, type RawRow, type Sql } from '../statement.ts';

/**
 * Writes what a rule made of the row, if it still is the one that the rule has seen: each write raises the version, so that
 * nothing comes back where another was faster. Whoever asked then reads and decides anew.
 */
export function writeAgent(
  sql: Sql,
  agent: AgentView,
  { knownVersion, isReported }: { knownVersion: number; isReported: boolean },
) {
  return sql<RawRow[]>`
    update swarm_agents
    set state = ${agent.state}, pid = ${agent.pid}, ended_at = ${agent.endedAt}::timestamptz,
      restarts = ${agent.restarts}, progress = ${agent.progress}, usage = ${jsonText(agent.usage)}::json,
      result = ${jsonText(agent.result)}::json, version = ${agent.version},
      reported_version = case when ${isReported}::boolean then ${agent.version} else reported_version end,
      changed_at = skein_now()
    where id = ${agent.id} and version = ${knownVersion}
    returning *`;
}
