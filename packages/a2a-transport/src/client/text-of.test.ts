import type { SendMessageResponse } from '@skein/contracts/a2a';
import { expect, test } from 'vitest';
import { textOf } from './text-of.ts';

const status = (text?: string) => ({
  state: 'TASK_STATE_COMPLETED' as const,
  ...(text !== undefined && { message: { messageId: 'm', role: 'ROLE_AGENT' as const, parts: [{ text }] } }),
});
const artifact = (id: string, ...texts: string[]) => ({ artifactId: id, parts: texts.map((text) => ({ text })) });

test.each<{ name: string; answer: SendMessageResponse; text: string }>([
  {
    name: 'a message',
    answer: { message: { messageId: 'm', role: 'ROLE_AGENT', parts: [{ text: 'a' }, { data: 1 }, { text: 'b' }] } },
    text: 'ab',
  },
  {
    name: 'what a task made, before what it says',
    answer: { task: { id: 't', status: status('done'), artifacts: [artifact('1', 'a', 'b'), artifact('2', 'c')] } },
    text: 'ab\nc',
  },
  {
    name: 'what a task says that made no text',
    answer: { task: { id: 't', status: status('done'), artifacts: [{ artifactId: '1', parts: [{ data: 1 }] }] } },
    text: 'done',
  },
  { name: 'nothing', answer: { task: { id: 't', status: status() } }, text: '' },
])('$name', ({ answer, text }) => {
  expect(textOf(answer)).toBe(text);
});
