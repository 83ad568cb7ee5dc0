/**
 * The book of agents: those that run on this node, and those that it has running elsewhere as their nodes last told.
 * Both stand in one table, because nodes may share a database: the node that runs an agent writes its row, everybody
 * else's knowledge of it gives way to a higher version. A write has committed when its promise resolves.
 */
import type {
  AgentId,
  AgentResult,
  AgentState,
  AgentView,
  DirectiveId,
  NodeId,
  Recipient,
  Usage,
} from '@skein/contracts';

/** An agent that is about to be started. */
export interface NewAgent
  extends Pick<
    AgentView,
    'id' | 'nodeId' | 'spawnedBy' | 'directiveId' | 'parentDirectiveId' | 'agentType' | 'name' | 'mode'
  > {}

/** What the running node learns of its agent as it goes. Fields that are absent stay as they are. */
export interface AgentProgress {
  state?: 'running';
  pid?: number | null;
  restarts?: number;
  progress?: string;
  /** Cumulative: of two figures the higher one is kept. */
  usage?: Usage;
}

/** How an agent ended, with its final figures. */
export interface AgentEnd {
  state: Exclude<AgentState, 'starting' | 'running'>;
  result: AgentResult;
  usage: Usage;
}

/** Each field that is given must hold; at most `limit`. */
export interface AgentFilter {
  nodeId?: NodeId | undefined;
  spawnedBy?: NodeId | undefined;
  directiveId?: DirectiveId | undefined;
  state?: AgentState | undefined;
  /** Only those that have not ended. */
  open?: boolean | undefined;
  /** What they said is not read; their `result` is null, however they ended. @default false */
  withoutResult?: boolean;
  limit: number;
}

/** What is not to be told now. */
interface UnreportedExcept {
  spawners?: readonly NodeId[];
  agents?: readonly AgentId[];
}

/** The port for agents. Errors of every method: STORE_UNAVAILABLE. */
export interface AgentStore {
  /** – → starting, version 1, before anything is started. An id that exists throws. */
  open(agent: NewAgent): Promise<AgentView>;
  /** Notes what changed, version + 1; undefined where it has ended already, or is not known. Writes nothing where nothing changes. */
  progress(id: AgentId, progress: AgentProgress): Promise<AgentView | undefined>;
  /** starting or running → an end, version + 1. What has ended stays as it is: `already_ended`. */
  end(id: AgentId, end: AgentEnd): Promise<{ status: 'ended' | 'already_ended'; agent: AgentView } | undefined>;
  find(id: AgentId): Promise<AgentView | undefined>;
  /** Newest first. */
  list(filter: AgentFilter): Promise<AgentView[]>;
  /** How many of a node's own have not ended. */
  countOpen(nodeId: NodeId): Promise<number>;

  /** Takes over what the running node tells, where its version is the higher one. Undefined where it brought nothing new. */
  mirror(agent: AgentView): Promise<AgentView | undefined>;
  /** Agents of this node whose last version their spawner, another node, has not confirmed. Oldest change first. */
  listUnreported(nodeId: NodeId, limit: number, except?: UnreportedExcept): Promise<AgentView[]>;
  /** The spawner has stored this version. */
  markReported(id: AgentId, version: number): Promise<void>;

  /** Detached agents that this node spawned, anywhere, that have ended and were not announced yet. Oldest end first. */
  listUnannounced(spawnedBy: NodeId, limit: number): Promise<AgentView[]>;
  markAnnounced(id: AgentId): Promise<void>;

  /** Forgets what ended more than 30 days ago and is reported. Of very many, a part at a time; how many. */
  purge(nodeId: NodeId): Promise<number>;
}

/** Where the end of an agent is announced, unless its directive says otherwise. */
export const DEFAULT_ANNOUNCE_TO: Recipient = { session: 'agents' };
/** How long an agent that has ended, and is reported, stays in the book: 30 days. */
export const KEEP_ENDED_AGENTS_MS = 30 * 86_400_000;
