/** What a program says of its node's own agent: who answers plain messages, what its card says, where it reports to. */
import type { AgentExecutor, AllowedTarget, GuardedHttp } from '@skein/a2a-transport';
import type { AgentCard } from '@skein/contracts/a2a';

/** What the node's card says beside what the node knows of itself. */
export type NodeCardWords = Partial<
  Pick<
    AgentCard,
    'description' | 'skills' | 'provider' | 'documentationUrl' | 'iconUrl' | 'defaultInputModes' | 'defaultOutputModes'
  >
>;

export interface NodePushOptions {
  /** Receivers beyond https on public addresses. @default none */
  allow?: readonly AllowedTarget[];
  /** How receivers are reached; it is the caller's to close, and `allow` is its own then. @default a guarded client */
  http?: GuardedHttp;
}

export interface PlainMessageOptions {
  /**
   * Who answers plain messages. It hears everybody who may call: the operator and each node of the swarm, which
   * `context.principal` tells apart; each sees its own tasks alone. @default nobody: their tasks are refused, with why
   */
  executor?: AgentExecutor | AgentExecutor['execute'];
  /** More words for the card. @default a description of a node */
  card?: NodeCardWords;
  /**
   * How push notifications are sent of the tasks of plain messages; false sends none. @default where there is an
   * executor, to https on public addresses; none where there is none
   */
  push?: NodePushOptions | false;
  /** What is spoken beside A2A v1.0 over JSON-RPC at `/a2a`. */
  a2a?: {
    /** A2A's HTTP+JSON binding at `/a2a/rest`. @default false */
    httpJson?: boolean;
    /** A2A v0.3 at `/a2a`. @default true */
    speaksV03?: boolean;
  };
}
