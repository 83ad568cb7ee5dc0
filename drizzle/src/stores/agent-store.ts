/** The book of agents on PostgreSQL. A rule decides on what was read, and the write holds only where that is still there. */
import { type AgentId, AgentState, type AgentView, isAgentEnd } from '@skein/contracts';
import { type AgentStore, endedAgent, mirroredAgent, openedAgent, progressedAgent, SwarmError } from '@skein/swarm';
import {
  and,
  asc,
  desc,
  eq,
  getTableColumns,
  inArray,
  isNotNull,
  lt,
  ne,
  not,
  notInArray,
  type SQL,
  sql as text,
} from 'drizzle-orm';
import type { Database } from '../connect.ts';
import { swarmAgents as agents } from '../schema/index.ts';
import { insertAgent } from '../statements/agents/insert-agent.ts';
import { purgeAgents } from '../statements/agents/purge.ts';
import { readAgent } from '../statements/agents/read-agent.ts';
import { writeAgent } from '../statements/agents/write-agent.ts';
import { databaseNow } from '../statements/database-now.ts';
import { createDecoder, type RawRow } from './decode.ts';

const decode = createDecoder(agents);
const openStates = AgentState.options.filter((state) => !isAgentEnd(state));
const isOpen = inArray(agents.state, openStates);

function toView(row: typeof agents.$inferSelect): AgentView {
  const { seq: _, reportedVersion: __, announced: ___, changedAt: ____, startedAt, endedAt, ...agent } = row;
  const iso = (ms: number) => new Date(ms).toISOString();
  return { ...agent, startedAt: iso(startedAt), endedAt: endedAt === null ? null : iso(endedAt) };
}

const fromRaw = (raw: RawRow): AgentView => toView(decode(raw));

/** A result is as long as what its agent said: whoever throws it away does not read it. */
const { result: _, ...allButResult } = getTableColumns(agents);

type Rule = (agent: AgentView, now: number) => AgentView | undefined;

export function createPostgresAgentStore({ sql, orm }: Pick<Database, 'sql' | 'orm'>): AgentStore {
  const select = (...where: (SQL | undefined)[]) =>
    orm
      .select()
      .from(agents)
      .where(and(...where));

  /** What the rule made of the row; without `after` where it left it as it was, undefined where there is none. */
  async function change(id: AgentId, rule: Rule, isReported = false) {
    for (;;) {
      const [raw] = await readAgent(sql, id);
      if (!raw) return undefined;
      const before = fromRaw(raw);
      const after = rule(before, Number(raw.now));
      if (!after) return { before };
      const [written] = await writeAgent(sql, after, { knownVersion: before.version, isReported });
      if (written) return { before, after: fromRaw(written) };
      // another wrote meanwhile: what it wrote is what counts now
    }
  }

  return {
    async open(agent) {
      const [raw] = await insertAgent(sql, openedAgent(agent, await databaseNow(sql)), 0);
      if (!raw) throw new SwarmError('INVALID_ARGUMENT', `agent ${agent.id} exists already`);
      return fromRaw(raw);
    },

    async progress(id, progress) {
      const changed = await change(id, (agent) => progressedAgent(agent, progress));
      if (!changed || (!changed.after && isAgentEnd(changed.before.state))) return undefined;
      return changed.after ?? changed.before;
    },

    async end(id, end) {
      const changed = await change(id, (agent, now) => endedAgent(agent, end, now));
      if (!changed) return undefined;
      const { before, after } = changed;
      return after ? { status: 'ended', agent: after } : { status: 'already_ended', agent: before };
    },

    async find(id) {
      const [row] = await select(eq(agents.id, id));
      return row && toView(row);
    },

    async list({ nodeId, spawnedBy, directiveId, state, open, withoutResult, limit }) {
      const which = and(
        nodeId && eq(agents.nodeId, nodeId),
        spawnedBy && eq(agents.spawnedBy, spawnedBy),
        directiveId && eq(agents.directiveId, directiveId),
        state && eq(agents.state, state),
        open ? isOpen : undefined,
      );
      const order = [desc(agents.startedAt), desc(agents.seq)];
      if (!withoutResult)
        return (
          await select(which)
            .orderBy(...order)
            .limit(limit)
        ).map(toView);
      const rows = await orm
        .select(allButResult)
        .from(agents)
        .where(which)
        .orderBy(...order)
        .limit(limit);
      return rows.map((row) => toView({ ...row, result: null }));
    },

    async countOpen(nodeId) {
      // The states as text of the statement itself: only so is the partial index known to hold the answer.
      return orm.$count(agents, and(eq(agents.nodeId, nodeId), text`${agents.state} in ('starting', 'running')`));
    },

    async mirror(told) {
      for (;;) {
        const changed = await change(told.id, (known) => mirroredAgent(known, told), true);
        if (changed) return changed.after;
        const agent = mirroredAgent(undefined, told);
        const [raw] = agent ? await insertAgent(sql, agent, agent.version) : [];
        if (raw) return fromRaw(raw);
        // it became known meanwhile: now it can be compared
      }
    },

    async listUnreported(nodeId, limit, except = {}) {
      const rows = await select(
        eq(agents.nodeId, nodeId),
        ne(agents.nodeId, agents.spawnedBy),
        lt(agents.reportedVersion, agents.version),
        notInArray(agents.spawnedBy, [...(except.spawners ?? [])]),
        notInArray(agents.id, [...(except.agents ?? [])]),
      )
        .orderBy(asc(agents.changedAt), asc(agents.seq))
        .limit(limit);
      return rows.map(toView);
    },

    async markReported(id, version) {
      const reportedVersion = text`least(${version}::int, ${agents.version})`;
      await orm
        .update(agents)
        .set({ reportedVersion })
        .where(and(eq(agents.id, id), lt(agents.reportedVersion, reportedVersion)));
    },

    async listUnannounced(spawnedBy, limit) {
      const isOwed = [isNotNull(agents.endedAt), text`${agents.mode} = 'detach'`, not(agents.announced)];
      const rows = await select(eq(agents.spawnedBy, spawnedBy), ...isOwed)
        .orderBy(asc(agents.endedAt), asc(agents.seq))
        .limit(limit);
      return rows.map(toView);
    },

    async markAnnounced(id) {
      await orm
        .update(agents)
        .set({ announced: true })
        .where(and(eq(agents.id, id), not(agents.announced)));
    },

    async purge(nodeId) {
      const [gone] = await purgeAgents(sql, nodeId);
      return gone?.count ?? 0;
    },
  };
}
