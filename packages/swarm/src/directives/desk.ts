/** Where a program hands in directives and hears of them: the calls of a node that concern what it sends. */
import type {
  DirectiveDetail,
  DirectiveId,
  DirectiveResult,
  DirectiveSide,
  DirectiveStatus,
  DirectiveUpdate,
  DirectiveView,
  DispatchInput,
} from '@skein/contracts';
import type { CallOptions } from '../call-options.ts';
import { SwarmError } from '../errors.ts';
import { inboxView, outboxView } from '../views.ts';
import type { DispatchResult } from './dispatch-result.ts';
import type { Follower } from './follower.ts';
import type { InboxStore } from './inbox-store.ts';
import { type OrderIntakeDeps, takeOrder } from './order-intake.ts';
import type { OutboxStore } from './outbox-store.ts';
import type { Sender } from './sender.ts';

export interface DeskDeps extends OrderIntakeDeps {
  outbox: OutboxStore;
  inbox: InboxStore;
  follower: Follower;
  sender: () => Pick<Sender, 'submit' | 'cancel'>;
  /** Aborts when the node stops: whoever waits is told. */
  stopping: AbortSignal;
}

export function createDesk(deps: DeskDeps) {
  const { self, outbox, inbox, sender, stopping } = deps;
  const { subscribe, updates, present } = deps.follower;

  const prepare = (input: DispatchInput) => takeOrder(deps, input);

  async function* dispatchStream(input: DispatchInput, { signal }: CallOptions = {}): AsyncGenerator<DirectiveUpdate> {
    stopping.throwIfAborted();
    const directive = await prepare(input);
    using news = subscribe(directive.id); // before it is stored, so that nothing is missed
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
    using news = subscribe(id);
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
