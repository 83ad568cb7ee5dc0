import { DirectiveId, type Eligibility, NodeId } from '@skein/contracts';
import { createEmitter } from '@skein/contracts/runtime';
import { createFakeClock, createSeededRandom } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import { createInMemoryStores } from '../in-memory-stores.ts';
import { toMessage } from './directive-message.ts';
import { createInboxBus } from './inbox-news.ts';
import { createReceiver } from './receiver.ts';

const self = NodeId.parse('a'.repeat(26));
const source = NodeId.parse('b'.repeat(26));

async function setUp() {
  const clock = createFakeClock();
  const random = createSeededRandom(1);
  const { inbox, outbox, nodes } = createInMemoryStores({ clock, random });
  let eligibility: Eligibility = 'eligible';
  const receiver = createReceiver({
    ...{ self, inbox, handlers: {}, policy: { allowedPrograms: [] }, clock, random },
    databaseId: await nodes.databaseId(),
    bus: createInboxBus(createEmitter(() => {})),
    worker: () => ({ wake() {}, kill: async () => {} }),
    eligibility: () => eligibility,
  });
  /** The first thing that the sender of this directive is told. */
  async function send(id: DirectiveId) {
    const row = await outbox.find(source, id);
    const claimed = row ?? (await outbox.insert({ ...directive, id }));
    const message = toMessage({ ...claimed, attempts: 1, remainingMs: 60_000 });
    for await (const event of receiver.receive(source, message, new AbortController().signal)) return event;
    return undefined;
  }
  const directive = {
    ...{ sourceNodeId: source, targetNodeId: self, order: { kind: 'query_resources', payload: {} } as const },
    ...({ payloadHash: 'x', priority: 'normal', effect: 'alo', ttlMs: 60_000 } as const),
    ...{ parentDirectiveId: null, broadcastId: null, placement: null },
  };
  const become = (next: Eligibility) => {
    eligibility = next;
  };
  return { inbox, send, become, newId: () => DirectiveId.parse(random.uuid()) };
}

test.each([
  ['draining', 'NODE_DRAINING'],
  ['drained', 'NODE_DRAINING'],
  ['sealed', 'NODE_SEALED'],
] as const)(
  'a node that is %s refuses a new directive for now and stores nothing of it, and answers a known one',
  async (eligibility, reason) => {
    const { inbox, send, become, newId } = await setUp();
    const [known, late] = [newId(), newId()];
    const accepted = await send(known);
    become(eligibility);
    await expect(send(late)).rejects.toMatchObject({ reason, domain: 'skein', httpStatus: 503, retryAfterMs: 5_000 });
    expect(await inbox.find({ sourceNodeId: source, id: late })).toBeUndefined();
    expect(await send(known)).toEqual(accepted);
    become('eligible');
    expect(await send(late)).toMatchObject({ task: { contextId: late } });
  },
);
