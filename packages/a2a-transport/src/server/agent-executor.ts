import type { Artifact, Message, Part, SendMessageConfiguration, Task, TaskState } from '@skein/contracts/a2a';
import type { Principal } from './principal.ts';

/** What an agent is asked. */
export interface ExecutionRequest {
  /** The task's id: new, or that of `task`. It comes to be with the first event that is no message. */
  readonly taskId: string;
  readonly contextId: string;
  /** What the client says, with `taskId` and `contextId` filled in when it continues a task. */
  readonly message: Message;
  /** The task that the message continues, as it stood before. */
  readonly task?: Task;
  readonly configuration: SendMessageConfiguration;
  /** Which of several agents behind one server is meant, where the client says so. */
  readonly tenant?: string;
  /** What the client sent beside the message. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** What an agent says: the transport adds the role and the ids. */
export interface AgentMessage {
  parts: Part[];
  messageId?: string;
  metadata?: Record<string, unknown>;
  extensions?: string[];
  referenceTaskIds?: string[];
}

/** What an agent makes. Without an `artifactId` it gets a new one. */
export type AgentArtifact = Omit<AgentMessage, 'messageId' | 'referenceTaskIds'> &
  Partial<Pick<Artifact, 'artifactId' | 'name' | 'description'>>;

/** What an agent yields as it works. */
export type AgentEvent =
  /** The whole answer, without a task. Only as the first event; nothing follows it. */
  | { message: AgentMessage }
  | { status: { state: TaskState; message?: AgentMessage }; metadata?: Record<string, unknown> }
  | { artifact: AgentArtifact; append?: boolean; lastChunk?: boolean; metadata?: Record<string, unknown> };

/** What an agent knows of the execution that it serves. */
export interface ExecutionContext {
  /** Aborts when the task is cancelled, taken over by another message, or the server closes. */
  readonly signal: AbortSignal;
  readonly principal: Principal | undefined;
  /** URIs of the extensions that the message's request activated. */
  readonly extensions: ReadonlySet<string>;
}

/**
 * The agent behind the server. It yields what happens:
 *
 * - Its first event decides whether the message becomes a task, so a slow agent yields `TASK_STATE_WORKING` at once.
 *   A throw before it refuses the message: A2AError and ApplicationError reach the caller, the rest is an internal error.
 * - Returning completes the task; throwing fails it.
 * - A terminal state or `TASK_STATE_INPUT_REQUIRED` ends the execution; the client's next message starts another.
 * - `TASK_STATE_AUTH_REQUIRED` answers who waits, and the execution goes on: it may wait for the credentials and then say
 *   `TASK_STATE_WORKING`. Returning instead leaves the task to the client's next message, as INPUT_REQUIRED does. A
 *   message that comes while it waits takes the task over: the signal aborts, and another execution starts.
 * - A reader that leaves aborts nothing.
 */
export interface AgentExecutor {
  execute(request: ExecutionRequest, context: ExecutionContext): AsyncIterable<AgentEvent>;
}
