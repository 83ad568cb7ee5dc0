import {
  AcknowledgeMailReply,
  MailboxList,
  MailList,
  MailThreadList,
  type Recipient,
  RecipientName,
} from '@skein/contracts';
import type { MailDesk } from '@skein/swarm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { callerOf, unforeseen } from '../../testing/rest-caller.ts';
import { AGENT, MAIL, mail, NOW } from '../../testing/sample-views.ts';
import { createMailboxRoutes } from './mailboxes.ts';

type MailDoor = Omit<MailDesk, 'deliverMail'>;

function mailboxes(over: Partial<MailDoor> = {}) {
  const node: MailDoor = {
    ...{ listMail: unforeseen, acknowledgeMail: unforeseen, listThreads: unforeseen, listMailboxes: unforeseen },
    ...over,
  };
  return callerOf('/mailboxes', createMailboxRoutes({ node }));
}

test('mailboxes are listed', async () => {
  const summary = { recipient: { session: 'agents' }, messages: 2, unacknowledged: 1, lastReceivedAt: NOW };
  const { reply } = mailboxes({ listMailboxes: async () => [summary] });
  expect((await reply(MailboxList, 'GET', '/mailboxes')).body).toEqual({ mailboxes: [summary] });
});

test('a mailbox is read from a sequence on, by thread, with what was acknowledged or without', async () => {
  const asked: unknown[] = [];
  const { reply } = mailboxes({
    listMail: async (...call) => {
      asked.push(call);
      return [mail];
    },
  });
  expect((await reply(MailList, 'GET', '/mailboxes/session/agents')).body).toEqual({ mail: [mail] });
  await reply(MailList, 'GET', `/mailboxes/agent/${AGENT}?after=7&limit=2&contextId=c-1&all=true`);
  expect(asked).toStrictEqual([
    [{ session: 'agents' }, { limit: 50, all: false }],
    [{ agent: AGENT }, { limit: 2, all: true, after: 7, contextId: 'c-1' }],
  ]);
});

test('the threads of a mailbox are listed', async () => {
  const thread = { contextId: 'c-1', messages: 2, unacknowledged: 0, lastReceivedAt: NOW };
  const { reply } = mailboxes({ listThreads: async () => [thread] });
  expect((await reply(MailThreadList, 'GET', '/mailboxes/session/agents/threads')).body.threads).toEqual([thread]);
});

test('several messages are acknowledged at once', async () => {
  const acknowledgeMail: MailDesk['acknowledgeMail'] = async (_recipient, ids) => ({
    ...{ acknowledged: [...ids], missing: [] },
  });
  const { reply } = mailboxes({ acknowledgeMail });
  const path = '/mailboxes/session/agents/acknowledge';
  expect(await reply(AcknowledgeMailReply, 'POST', path, { ids: [MAIL] })).toEqual({
    status: 200,
    body: { acknowledged: [MAIL], missing: [] },
  });
});

test('whatever a session is called, its mailbox is found under the encoded name', async () => {
  const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
  // A path loses these two wherever it passes: no address can name them.
  const addressable = name.filter((each) => each !== '.' && each !== '..' && RecipientName.safeParse(each).success);
  await fc.assert(
    fc.asyncProperty(addressable, async (session) => {
      const asked: Recipient[] = [];
      const { reply } = mailboxes({
        listMail: async (recipient) => {
          asked.push(recipient);
          return [];
        },
      });
      await reply(MailList, 'GET', `/mailboxes/session/${encodeURIComponent(session)}`);
      expect(asked).toEqual([{ session }]);
    }),
    { numRuns: 30 },
  );
});

const acknowledge = '/session/agents/acknowledge';

test.each<[string, string, unknown, string]>([
  ['GET', '/drawer/agents', undefined, 'kind: expected one of agent, session'],
  ['GET', `/session/${'x'.repeat(256)}`, undefined, 'name: expected at most 255 characters'],
  ['GET', '/session/a%00b', undefined, 'name: a name must not contain NUL'],
  ['GET', '/session/agents?after=-1', undefined, 'after: expected at least 0'],
  ['GET', '/session/agents?limit=501', undefined, 'limit: expected at most 500'],
  ['GET', '/session/agents?all=yes', undefined, 'all: expected one of true, false'],
  ['GET', '/session/agents?thread=c', undefined, 'thread is not a known key'],
  ['GET', '/session/agents/threads?limit=1', undefined, 'limit is not a known key'],
  ['GET', '?limit=1', undefined, 'limit is not a known key'],
  ['POST', acknowledge, {}, 'ids: is missing: expected a list'],
  ['POST', acknowledge, { ids: [] }, 'ids: expected at least 1 entry'],
  ['POST', acknowledge, { ids: [7] }, 'ids[0]'],
  ['POST', acknowledge, { ids: ['7'] }, 'ids[0]: a mail id is a UUID'],
  ['POST', `${acknowledge}?all=true`, { ids: [MAIL] }, 'all is not a known key'],
])('%s /mailboxes%s with %j is refused', async (method, path, body, message) => {
  const refused = await mailboxes().refusal(method, `/mailboxes${path}`, body);
  expect(refused).toMatchObject({ status: 400, reason: 'invalid_argument' });
  expect(refused.message).toContain(message);
});
