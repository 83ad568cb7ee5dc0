/** Where a program hands in directives and hears of them: the calls of a node that concern what it sends. */
import {
  type DirectiveDetail,
  type DirectiveId,
  DirectiveId as DirectiveIdSchema,
  type DirectiveKind,
  type DirectiveResult,
  type DirectiveSide,
  type DirectiveStatus,
  type DirectiveUpdate,
  type DirectiveView,
  type DispatchInput,
  DispatchRequest,
  type EffectClass,
  type NodeId,
  Order,
} from '@skein/contracts';
import { type Clock, deadlineSignal, linkedSignal, type Random } from '@skein/contracts/runtime';
import type { CallOptions } from '../call-options.ts';
import { SwarmError } from '../errors.ts';
import type { NodeStore } from '../membership/node-store.ts';
import type { DispatchResult } from '../swarm-node.ts';
import { inboxView, outboxView } from '../views.ts';
import type { Subscription } from './directive-bus.ts';
import { firstIssue } from './directive-message.ts';
import type { InboxStore } from './inbox-store.ts';
import { type OutboxBus, toUpdate } from './outbox-news.ts';
import type { NewDirective, OutboxStore } from './outbox-store.ts';
import { payloadHash } from './payload-hash.ts';
import type { Sender } from './sender.ts';

export interface DeskDeps {
  self: NodeId;
  nodes: Pick<NodeStore, 'find'>;
  outbox: OutboxStore;
  inbox: InboxStore;
  bus: OutboxBus;
  sender: () => Pick<Sender, 'submit' | 'cancel'>;
  clock: Clock;
  random: Random;
  /** Aborts when the node stops: whoever waits is told. */
  stopping: AbortSignal;
}

/** What a crash may cost, where the caller does not say. */
const usualEffect = {
  execute_task: 'amo',
  spawn_agent: 'amo',
  query_resources: 'alo',
  forward_message: 'tx',
  sync_state: 'tx',
} as const satisfies Record<DirectiveKind, EffectClass>;

/** How long the news alone is trusted before the row is looked at. */
const LOOK_EVERY_MS = 5_000;

export function createDesk(deps: DeskDeps) {
  const { self, nodes, outbox, inbox, bus, sender, clock, random, stopping } = deps;

  async function prepare(input: DispatchInput): Promise<NewDirective> {
    const parsed = DispatchRequest.safeParse(input);
    if (!parsed.success) throw new SwarmError('INVALID_ARGUMENT', firstIssue(parsed.error), { cause: parsed.error });
    const { kind, payload, target, priority, ttlMs, parentDirectiveId = null } = parsed.data;
    const order = Order.parse({ kind, payload });
    const entry = await nodes.find(target);
    if (!entry || entry.removed)
      throw new SwarmError('UNKNOWN_NODE', `no node ${target} is known here; list the nodes to see who is`, {
        metadata: { nodeId: target },
      });
    const effect = parsed.data.effect ?? usualEffect[kind];
    const id = DirectiveIdSchema.parse(random.uuid());
    const hash = payloadHash({ order, effect, parentDirectiveId });
    return {
      id,
      sourceNodeId: self,
      targetNodeId: target,
      order,
      payloadHash: hash,
      priority,
      effect,
      ttlMs,
      parentDirectiveId,
    };
  }

  /** Updates from the subscription, and the row's own state where the news falls silent; the result comes last. */
  async function* updates(
    id: DirectiveId,
    news: Subscription<DirectiveUpdate>,
    signal?: AbortSignal,
  ): AsyncGenerator<DirectiveUpdate> {
    const until = linkedSignal(signal, stopping);
    let told: DirectiveStatus | undefined;
    try {
      for (;;) {
        const pause = deadlineSignal(clock, LOOK_EVERY_MS, () => new Error('time to look'), until.signal);
        const heard = await news.next(pause.signal);
        pause.clear();
        until.signal.throwIfAborted();
        const update = heard ?? (await present(id));
        if (!update || (update.type === 'status' && update.status === told)) continue;
        if (update.type === 'status') told = update.status;
        yield update;
        if (update.type === 'result') return;
      }
    } finally {
      until.clear();
    }
  }

  async function present(id: DirectiveId): Promise<DirectiveUpdate | undefined> {
    const row = await outbox.find(self, id);
    return row && toUpdate(row);
  }

  async function* dispatchStream(input: DispatchInput, { signal }: CallOptions = {}): AsyncGenerator<DirectiveUpdate> {
    stopping.throwIfAborted();
    const directive = await prepare(input);
    using news = bus.subscribe(directive.id); // before it is stored, so that nothing is missed
    await sender().submit(directive);
    yield { type: 'status', directiveId: directive.id, status: 'pending' };
    try {
      yield* updates(directive.id, news, signal);
    } catch (reason) {
      if (signal?.aborted) await sender().cancel(directive.id);
      throw reason;
    }
  }

  async function submit(input: DispatchInput): Promise<DirectiveView> {
    stopping.throwIfAborted();
    return outboxView(await sender().submit(await prepare(input)));
  }

  async function dispatch(input: DispatchInput, options: CallOptions = {}): Promise<DispatchResult> {
    for await (const update of dispatchStream(input, options)) {
      if (update.type === 'result') return answer(update.directiveId, update.result);
    }
    throw new Error('a directive’s updates end with its result');
  }

  async function answer(directiveId: DirectiveId, result: DirectiveResult): Promise<DispatchResult> {
    const row = await outbox.find(self, directiveId);
    if (!row) throw unknownDirective(directiveId);
    return { ...result, directiveId, nodeId: row.targetNodeId };
  }

  async function* follow(id: DirectiveId, { signal }: CallOptions = {}): AsyncGenerator<DirectiveUpdate> {
    using news = bus.subscribe(id);
    const now = await present(id);
    if (!now) throw unknownDirective(id);
    yield now;
    if (now.type !== 'result') yield* updates(id, news, signal);
  }

  async function cancelDirective(id: DirectiveId): Promise<DirectiveView> {
    const row = await sender().cancel(id);
    if (!row) throw unknownDirective(id);
    return outboxView(row);
  }

  async function getDirective(id: DirectiveId, side?: DirectiveSide): Promise<DirectiveDetail | undefined> {
    const sent = side === 'inbox' ? undefined : await outbox.find(self, id);
    if (sent) return { directive: outboxView(sent), events: await outbox.events(self, id) };
    if (side === 'outbox') return undefined;
    const received = await inbox.findById(self, id);
    return received && { directive: inboxView(received), events: await inbox.events(received) };
  }

  async function listDirectives(query: { status?: DirectiveStatus; limit?: number } = {}): Promise<DirectiveView[]> {
    const filter = { limit: query.limit ?? 50, status: query.status };
    const [sent, received] = await Promise.all([outbox.list(self, filter), inbox.list(self, filter)]);
    return [...sent.map(outboxView), ...received.map(inboxView)]
      .sort((a, b) => b.createdAt.localeCompare(a.createdAt))
      .slice(0, filter.limit);
  }

  return { submit, dispatch, dispatchStream, follow, cancelDirective, getDirective, listDirectives };
}

function unknownDirective(id: DirectiveId): SwarmError {
  return new SwarmError('DIRECTIVE_NOT_FOUND', `this node sent no directive ${id}`, { metadata: { directiveId: id } });
}
