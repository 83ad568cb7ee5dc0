import {
  AgentId,
  DirectiveId,
  type ForwardMessagePayload,
  MailId,
  NodeId,
  type Recipient,
  type SwarmEvent,
} from '@skein/contracts';
import { createFakeClock, createSeededRandom } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import { createInMemoryAgentStore } from '../../agents/in-memory-agent-store.ts';
import { createMailDesk } from '../../mail/create-mail-desk.ts';
import { findAgentHere } from '../../mail/find-agent.ts';
import { createInMemoryMailStore } from '../../mail/in-memory-mail-store.ts';
import {
  MAX_MAIL_BYTES,
  MAX_MAIL_ON_NODE,
  MAX_MAILBOX_BYTES,
  MAX_MAILBOXES,
  MAX_WAITING_MAIL,
  type MailLoad,
  mailBytes,
} from '../../mail/mail-bounds.ts';
import { forwardMessage } from './forward-message.ts';

const self = NodeId.parse('a'.repeat(26));
const peer = NodeId.parse('b'.repeat(26));
const session: Recipient = { session: 'inbox' };

async function createPostOffice() {
  const clock = createFakeClock();
  const random = createSeededRandom(1);
  const mail = createInMemoryMailStore({ clock });
  const agents = createInMemoryAgentStore({ clock });
  const events: SwarmEvent[] = [];
  const waiting: { load: MailLoad | undefined } = { load: undefined };
  const findAgent = findAgentHere({ self, agents });
  const handle = forwardMessage({
    ...{ self, findAgent, random, events: { emit: (event) => events.push(event) } },
    mail: { load: async (...box) => waiting.load ?? mail.load(...box) },
  });
  const desk = createMailDesk({
    ...{ self, findAgent, random, events: { emit: (event) => events.push(event) } },
    mail: { ...mail, load: async (...box) => waiting.load ?? mail.load(...box) },
  });
  const newId = () => DirectiveId.parse(random.uuid());

  async function forward(payload: Partial<ForwardMessagePayload>, directiveId = newId(), stored = true) {
    const whole: ForwardMessagePayload = { to: session, message: textOf('hello'), ...payload };
    const outcome = await handle(whole, {
      ...{ directiveId, parentDirectiveId: null, sourceNodeId: peer, effect: 'tx', epoch: 1 },
      ...{ signal: new AbortController().signal, output: () => {} },
    });
    for (const effect of stored ? (outcome.effects ?? []) : [])
      if (effect.type === 'deliver') mail.deliverNow(effect.mail);
    outcome.settled?.(stored);
    return outcome;
  }

  async function openAgent(name: string, nodeId = self): Promise<AgentId> {
    const id = AgentId.parse(random.uuid());
    const of = { id, nodeId, spawnedBy: peer, directiveId: newId(), parentDirectiveId: null };
    await agents.open({ ...of, agentType: 'indexer', name, mode: 'detach' });
    return id;
  }
  return { forward, openAgent, agents, events, waiting, newId, desk };
}

const textOf = (text: string, more = {}) => ({
  messageId: text,
  role: 'ROLE_USER' as const,
  parts: [{ text }],
  ...more,
});

test('a message stands in its mailbox with who signed it, and is told after it was stored', async () => {
  const { forward, desk, events, newId } = await createPostOffice();
  const directiveId = newId();
  const outcome = await forward({ message: textOf('hello', { contextId: 'talk' }) }, directiveId);
  const [mail] = await desk.listMail(session);
  expect(outcome).toMatchObject({ status: 'completed', output: { mailId: mail?.id, recipient: session } });
  expect(mail).toMatchObject({
    ...{ recipient: session, contextId: 'talk', acknowledgedAt: null },
    message: { parts: [{ text: 'hello' }] },
    provenance: { origin: 'forwarded', sourceNodeId: peer, directiveId },
  });
  expect(events).toEqual([{ type: 'mail.received', mailId: mail?.id, recipient: session, sourceNodeId: peer }]);
});

test('what could not be stored is not told, and one directive delivers once', async () => {
  const { forward, desk, events, newId } = await createPostOffice();
  const directiveId = newId();
  await forward({}, directiveId, false);
  expect(events).toEqual([]);
  expect(await desk.listMail(session)).toEqual([]);
  await forward({}, directiveId);
  await forward({}, directiveId);
  expect(await desk.listMail(session)).toHaveLength(1);
});

test('an agent is reached by its id, also after its end, and by a name that it alone has', async () => {
  const { forward, openAgent, agents, desk } = await createPostOffice();
  const [reader, first] = [await openAgent('reader'), await openAgent('twin'), await openAgent('twin')];
  expect(await forward({ to: { agent: 'reader' } })).toMatchObject({ output: { recipient: { agent: reader } } });
  expect(await forward({ to: { agent: first } })).toMatchObject({ output: { recipient: { agent: first } } });
  const result = { response: '', exitCode: 0, signal: null, truncated: false };
  const usage = { tokensIn: 0, tokensOut: 0, costMicroUsd: 0, toolCalls: 0, cpuMs: 0, peakMemoryBytes: 0 };
  await agents.end(reader, { state: 'completed', result, usage });
  expect(await forward({ to: { agent: reader } })).toMatchObject({ status: 'completed' });
  expect(await desk.listMail({ agent: reader })).toHaveLength(2);
  expect(await desk.listMail({ agent: 'reader' })).toEqual([]); // the name went with its run
});

test('whoever is not here, or not alone in a name, gets no mail', async () => {
  const { forward, openAgent } = await createPostOffice();
  const elsewhere = await openAgent('far', peer);
  await openAgent('twin');
  await openAgent('twin');
  for (const agent of ['nobody', 'twin', 'far', elsewhere, AgentId.parse('00000000-0000-4000-8000-000000000000')]) {
    const outcome = await forward({ to: { agent } });
    expect(outcome).toMatchObject({ status: 'failed', error: { reason: 'recipient_unknown', metadata: { agent } } });
    expect(outcome.effects).toBeUndefined();
  }
});

const nothingWaits: MailLoad = { messages: 0, bytes: 0, node: { messages: 0, bytes: 0, mailboxes: 0 } };
const size = mailBytes(textOf('hello'));

test.each<[string, Partial<MailLoad>, Partial<MailLoad['node']>, boolean]>([
  ['a mailbox has its last message', { messages: MAX_WAITING_MAIL - 1 }, {}, true],
  ['a mailbox has its fill of messages', { messages: MAX_WAITING_MAIL }, {}, false],
  ['a mailbox has its last byte', { messages: 1, bytes: MAX_MAILBOX_BYTES - size }, {}, true],
  ['a mailbox has its fill of bytes', { messages: 1, bytes: MAX_MAILBOX_BYTES - size + 1 }, {}, false],
  ['the node has its last mailbox', {}, { mailboxes: MAX_MAILBOXES - 1 }, true],
  ['the node has its fill of mailboxes', {}, { mailboxes: MAX_MAILBOXES }, false],
  ['the mailbox is one of them', { messages: 1 }, { mailboxes: MAX_MAILBOXES }, true],
  ['the node has its fill of messages', {}, { messages: MAX_MAIL_ON_NODE }, false],
  ['the node has its fill of bytes', {}, { bytes: MAX_MAIL_BYTES - size + 1 }, false],
])('where %s, one more is taken or refused', async (_, box, node, isTaken) => {
  const { forward, waiting } = await createPostOffice();
  waiting.load = { ...nothingWaits, ...box, node: { ...nothingWaits.node, ...node } };
  const refused = { status: 'failed', error: { reason: 'mailbox_full' } };
  expect(await forward({})).toMatchObject(isTaken ? { status: 'completed' } : refused);
});

test.each([
  [{}, {}, null],
  [{ contextId: 'said' }, {}, 'said'],
  [{}, { contextId: 'own' }, 'own'],
  [{ contextId: 'said' }, { contextId: 'own' }, 'said'],
])('with %j and a message with %j the thread is %j', async (payload, more, contextId) => {
  const { forward, desk } = await createPostOffice();
  await forward({ ...payload, message: textOf('hello', more) });
  expect((await desk.listMail(session))[0]?.contextId).toBe(contextId);
});

test.each(['x'.repeat(256), 'a\0b'])('a message with a contextId that no book holds is refused', async (contextId) => {
  const { forward } = await createPostOffice();
  const outcome = await forward({ message: textOf('hello', { contextId }) });
  expect(outcome).toMatchObject({ status: 'failed', error: { reason: 'context_id_invalid' } });
});

test('several are acknowledged at once, and those of other mailboxes are told as missing', async () => {
  const { forward, desk } = await createPostOffice();
  for (const contextId of ['a', 'b', 'a']) await forward({ contextId });
  await forward({ to: { session: 'other' } });
  const ids = (await desk.listMail(session)).map(({ id }) => id);
  const others = (await desk.listMail({ session: 'other' })).map(({ id }) => id);
  const unknown = MailId.parse('00000000-0000-4000-8000-000000000000');
  const [first, second] = ids as [MailId, MailId]; // three were forwarded
  expect(await desk.acknowledgeMail(session, [first, second, first, ...others, unknown])).toEqual({
    acknowledged: [first, second],
    missing: [...others, unknown],
  });
  expect(await desk.acknowledgeMail(session, [first])).toEqual({ acknowledged: [first], missing: [] });
  expect((await desk.listMail(session)).map(({ id }) => id)).toEqual(ids.slice(2));
  expect(await desk.listMail(session, { all: true })).toHaveLength(3);
  expect(await desk.listThreads(session)).toMatchObject([
    { contextId: 'a', messages: 2, unacknowledged: 1 },
    { contextId: 'b', messages: 1, unacknowledged: 0 },
  ]);
  expect(await desk.listMailboxes()).toMatchObject([{ recipient: { session: 'other' } }, { recipient: session }]);
});

test.each([0, -1, 1.5])('a list of %j messages is refused', async (limit) => {
  const { desk } = await createPostOffice();
  await expect(desk.listMail(session, { limit })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
});

test('a mailbox without a name is refused', async () => {
  const { desk } = await createPostOffice();
  await expect(desk.listMail({ session: '' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
});

test('a program puts mail into its own mailboxes, once for each key', async () => {
  const { desk, events, openAgent } = await createPostOffice();
  const reader = await openAgent('reader');
  const first = await desk.deliverMail(session, textOf('hello', { contextId: 'own' }), { key: 'k' });
  expect(await desk.deliverMail(session, textOf('again'), { key: 'k' })).toEqual(first);
  expect(first).toMatchObject({
    ...{ recipient: session, contextId: 'own' },
    provenance: { origin: 'local', sourceNodeId: self, directiveId: null },
  });
  await desk.deliverMail(session, textOf('hello'), { contextId: 'said' });
  expect((await desk.listMail(session)).map(({ contextId }) => contextId)).toEqual(['own', 'said']);
  const second = await desk.deliverMail({ agent: 'reader' }, textOf('hello'));
  expect(second.recipient).toEqual({ agent: reader });
  expect(events.map((event) => event.type === 'mail.received' && event.sourceNodeId)).toEqual([self, self, self]);
});

test.each<[Recipient, object, object, string]>([
  [{ agent: 'nobody' }, {}, {}, 'AGENT_NOT_FOUND'],
  [{ session: '' }, {}, {}, 'INVALID_ARGUMENT'],
  [{ session: '..' }, {}, {}, 'INVALID_ARGUMENT'],
  [session, { role: 'nobody' }, {}, 'INVALID_ARGUMENT'],
  [session, { contextId: 'x'.repeat(256) }, {}, 'INVALID_ARGUMENT'],
  [session, {}, { key: 'a\0' }, 'INVALID_ARGUMENT'],
])('mail of a program to %j with %j and %j ends as %4$s', async (to, more, options, code) => {
  const { desk } = await createPostOffice();
  await expect(desk.deliverMail(to, textOf('hello', more), options)).rejects.toMatchObject({ code });
});

test('a program fills its mailboxes no further than others do', async () => {
  const { desk, waiting } = await createPostOffice();
  waiting.load = { ...nothingWaits, messages: MAX_WAITING_MAIL };
  await expect(desk.deliverMail(session, textOf('hello'))).rejects.toMatchObject({ code: 'MAILBOX_FULL' });
});
