import { expect, test } from 'vitest';
import { readAgentMessage, readMessage, writeMessage } from './messages.ts';

const message = { messageId: 'm', role: 'user', parts: [{ kind: 'text', text: 'a' }] };

test.each([
  { change: { role: 'ROLE_USER' }, says: 'message.role must be "user" or "agent"' },
  { change: { role: undefined }, says: 'message.role must be "user" or "agent"' },
  { change: { parts: undefined }, says: 'message.parts must be an array' },
  { change: { parts: {} }, says: 'message.parts must be an array' },
  { change: { parts: [{ kind: 'text', text: 'a' }, 1] }, says: 'message.parts[1] must be an object' },
  { change: { kind: 'task' }, says: 'message.kind must be "message"' },
])('a message with $change is refused: $says', ({ change, says }) => {
  expect(() => readMessage({ ...message, ...change }, 'message')).toThrow(says);
});

test('what is null is left out, but not in what is the sender’s own', () => {
  expect(readMessage({ ...message, taskId: null, metadata: { a: null } }, 'message')).toEqual({
    messageId: 'm',
    role: 'ROLE_USER',
    parts: [{ text: 'a' }],
    metadata: { a: null },
  });
});

test('an answer without a role is the agent’s, one with a role is its own', () => {
  const { role: _, ...roleless } = message;
  expect(readAgentMessage(roleless, 'message')).toMatchObject({ role: 'ROLE_AGENT' });
  expect(readAgentMessage(message, 'message')).toMatchObject({ role: 'ROLE_USER' });
});

test('a field that only looks like ours does not change what a message is', () => {
  const odd = { messageId: 'm', role: 'ROLE_AGENT' as const, parts: [{ text: 'a' }], kind: 'task' };
  expect(writeMessage(odd)).toMatchObject({ kind: 'message', role: 'agent' });
});
