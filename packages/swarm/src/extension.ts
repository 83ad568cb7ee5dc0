/** Our A2A extension as the transport serves it: the swarm's methods, and directives as messages. */
import {
  A2AError,
  type CallContext,
  type EventBatches,
  type ExtensionMethod,
  type ServerExtension,
  settledAnswer,
} from '@skein/a2a-transport';
import {
  AcknowledgeResultsParams,
  CancelDirectiveParams,
  type DatabaseId,
  GetActivityParams,
  GetDirectivesParams,
  GetEligibilityParams,
  HeartbeatParams,
  JoinParams,
  KillAgentParams,
  LeaveParams,
  ListNodesParams,
  type NodeId,
  ProveIdentityParams,
  ReportAgentsParams,
  SetEligibilityParams,
  SteerAgentParams,
  SWARM_EXTENSION_URI,
  type SwarmCardParams,
} from '@skein/contracts';
import type { SendMessageParams, StreamResponse } from '@skein/contracts/a2a';
import type { z } from 'zod';
import type { AgentsRoom } from './agents/agents-room.ts';
import { firstIssue } from './directives/directive-message.ts';
import type { Receiver } from './directives/receiver.ts';
import { signEvents } from './directives/signed-events.ts';
import type { Activity } from './fleet/activity.ts';
import type { NodeEligibility } from './membership/eligibility.ts';
import type { Membership } from './membership/membership.ts';
import type { NodeStore } from './membership/node-store.ts';
import type { OwnRecord } from './membership/own-record.ts';
import { tellChanges } from './membership/relay.ts';
import { callingNode, nodeCall } from './security/call-authenticator.ts';
import type { JoinChallenges } from './security/join-challenge.ts';
import type { NodeIdentity } from './security/node-identity.ts';
import { sign } from './security/signed.ts';
import { type AnsweredCall, answeredJoin, signReply } from './security/signed-reply.ts';
import { orForNow, refuse } from './wire-errors.ts';

export interface SwarmExtensionDeps {
  identity: NodeIdentity;
  challenges: Pick<JoinChallenges, 'open'>;
  databaseId: DatabaseId;
  own: OwnRecord;
  nodes: NodeStore;
  membership: Pick<Membership, 'admit' | 'takeBeat' | 'takeLeave'>;
  receiver: Receiver;
  eligibility: Pick<NodeEligibility, 'takeSetEligibility' | 'tellEligibility'>;
  agents: AgentsRoom['wire'];
  activity: Pick<Activity, 'tell'>;
  /** Asked whenever the card is: kinds may be registered later. */
  params: () => SwarmCardParams;
}

export function createSwarmExtension(deps: SwarmExtensionDeps): ServerExtension {
  const { identity, challenges, databaseId, own, nodes, membership, receiver, eligibility, agents, activity } = deps;

  /** A method for nodes alone: its parameters are parsed, the caller is who signed, and the reply is signed for it. */
  const byNode = <S extends z.ZodType>(
    schema: S,
    handle: (node: NodeId, params: z.output<S>) => Promise<unknown>,
  ): ExtensionMethod => ({
    handle: async (input, context) => {
      const call = requireNode(context);
      const asked = parse(schema, input);
      return signReply(identity, call, await orForNow(() => handle(call.caller, asked)));
    },
  });

  function directiveEvents(params: SendMessageParams, context: CallContext) {
    const call = requireNode(context);
    const events = receiver.receive(call.caller, params, context.signal);
    return signEvents(events, { identity, call, directiveId: params.message.messageId });
  }

  return {
    uri: SWARM_EXTENSION_URI,
    description: 'Skein nodes form a swarm: they join, beat, and send each other directives',
    get params() {
      return deps.params();
    },
    methods: {
      SwarmProveIdentity: {
        public: true,
        handle: async (input) => {
          const { nonce } = parse(ProveIdentityParams, input);
          const challenge = challenges.open();
          const proof = sign(identity, 'skein-proof', { nonce, nodeId: identity.nodeId, challenge });
          return { record: own.current().signedRecord, proof };
        },
      },
      SwarmJoin: {
        public: true,
        handle: async (input) => {
          const reply = await orForNow(() => membership.admit(input));
          return signReply(identity, answeredJoin(parse(JoinParams, input).request), reply);
        },
      },
      SwarmHeartbeat: byNode(HeartbeatParams, (node, beat) => membership.takeBeat(node, beat)),
      SwarmLeave: byNode(LeaveParams, async (node, { incarnation }) => {
        await membership.takeLeave(node, incarnation);
        return { status: 'left' };
      }),
      SwarmListNodes: byNode(ListNodesParams, (_node, { cursor }) => tellChanges(nodes, cursor)),
      SwarmGetDirectives: byNode(GetDirectivesParams, async (node, { ids }) => ({
        databaseId,
        ...(await receiver.report(node, ids)),
      })),
      SwarmAcknowledgeResults: byNode(AcknowledgeResultsParams, async (node, { ids }) => ({
        databaseId,
        acknowledged: await receiver.acknowledge(node, ids),
      })),
      SwarmCancelDirective: byNode(CancelDirectiveParams, async (node, { id, cause }) => ({
        databaseId,
        directive: await receiver.cancel(node, id, cause),
      })),
      SwarmReportAgents: byNode(ReportAgentsParams, agents.takeReports),
      SwarmKillAgent: byNode(KillAgentParams, agents.takeKill),
      SwarmSteerAgent: byNode(SteerAgentParams, agents.takeSteer),
      SwarmGetActivity: byNode(GetActivityParams, activity.tell),
      SwarmGetEligibility: byNode(GetEligibilityParams, () => eligibility.tellEligibility()),
      SwarmSetEligibility: byNode(SetEligibilityParams, (node, order) => eligibility.takeSetEligibility(node, order)),
    },
    messages: {
      send: (params, context) => {
        const { returnImmediately } = params.configuration ?? {};
        return settledAnswer(directiveEvents(params, context), { returnImmediately });
      },
      stream: (params, context) => unresumable(directiveEvents(params, context)),
      // To whom it does not belong a directive's task is unknown, as any other id is.
      getTask: async (id, context) => {
        const node = callingNode(context.principal);
        return node && orForNow(() => receiver.getTask(node, id));
      },
      listTasks: async (query, context) => {
        const node = callingNode(context.principal);
        return node ? orForNow(() => receiver.listTasks(node, query)) : { tasks: [], total: 0, more: false };
      },
      cancelTask: async (id, context) => {
        const node = callingNode(context.principal);
        return node && orForNow(() => receiver.cancelTask(node, id));
      },
      async subscribe(id, context) {
        const node = callingNode(context.principal);
        const events = node && (await orForNow(() => receiver.subscribe(node, id, context.signal)));
        return events && unresumable(events);
      },
    },
  };
}

/** What a directive prints is told and not kept: its stream cannot be resumed, so its events have no ids. */
async function* unresumable(events: AsyncIterable<StreamResponse>): EventBatches {
  for await (const event of events) yield [{ event }];
}

function requireNode(context: CallContext): AnsweredCall & { caller: NodeId } {
  const call = nodeCall(context.principal);
  if (call) return call;
  throw refuse('NODE_REQUIRED', 'only a node of the swarm may do this; sign the call with its key', 403);
}

function parse<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const parsed = schema.safeParse(input ?? {});
  if (parsed.success) return parsed.data;
  throw new A2AError('INVALID_PARAMS', firstIssue(parsed.error), { metadata: { reason: 'params_invalid' } });
}
