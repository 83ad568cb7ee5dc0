import type { Message, Part } from '@skein/contracts/a2a';
import { expect, test } from 'vitest';
import { knownMessage, knownPushConfig } from './known-fields.ts';

const message = (fields: Partial<Message> = {}, ...parts: Part[]): Message => ({
  messageId: 'm',
  role: 'ROLE_USER',
  parts: parts.length > 0 ? parts : [{ text: 'hi' }],
  ...fields,
});

test('a message with nothing to take away is handed on as it is', () => {
  const given = message({ metadata: { mine: '' }, extensions: ['urn:x'] }, { text: '' }, { raw: 'aGk=' }, { data: '' });
  expect(knownMessage(given)).toBe(given);
});

test.each<{ what: string; given: Message; kept: Message }>([
  { what: 'a field that A2A does not know', given: message({ mood: 'good' }), kept: message() },
  { what: 'such a field of a part', given: message({}, { text: 'hi', mood: 'good' }), kept: message() },
  { what: 'an empty media type', given: message({}, { text: 'hi', mediaType: '' }), kept: message() },
  { what: 'an empty file name', given: message({}, { text: 'hi', filename: '' }), kept: message() },
  { what: 'empty ids', given: message({ contextId: '', taskId: '' }), kept: message() },
  {
    what: 'an extension without a name',
    given: message({ extensions: ['', 'u'] }),
    kept: message({ extensions: ['u'] }),
  },
  {
    what: 'a reference to no task',
    given: message({ referenceTaskIds: [''] }),
    kept: message({ referenceTaskIds: [] }),
  },
  { what: 'base64 for URLs', given: message({}, { raw: '_-_-' }), kept: message({}, { raw: '/+/+' }) },
  { what: 'base64 without its padding', given: message({}, { raw: 'aGk' }), kept: message({}, { raw: 'aGk=' }) },
])('$what does not come back', ({ given, kept }) => {
  expect(knownMessage(given)).toStrictEqual(kept);
});

test('a part whose URL is empty holds nothing and is refused', () => {
  expect(() => knownMessage(message({}, { text: 'hi' }, { url: '' }))).toThrow(/message\.parts\.1\.url/);
});

test('a push configuration comes back without empty texts and without what A2A does not know', () => {
  const given = { tenant: '', id: '', url: 'https://a.test/', token: '', mood: 'good' };
  expect(
    knownPushConfig({ ...given, authentication: { scheme: 'Bearer', credentials: '', mood: 'good' } }),
  ).toStrictEqual({ url: 'https://a.test/', authentication: { scheme: 'Bearer' } });
  expect(knownPushConfig(given)).toStrictEqual({ url: 'https://a.test/' });
});
