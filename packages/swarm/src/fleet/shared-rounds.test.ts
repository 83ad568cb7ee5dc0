import { expect, test } from 'vitest';
import { sharedRounds } from './shared-rounds.ts';

function rounds() {
  const begun: { key: string; answer: (text: string) => void; fail: (cause: Error) => void }[] = [];
  const ask = sharedRounds<string, string>((key) => new Promise((answer, fail) => begun.push({ key, answer, fail })));
  return { begun, ask };
}
const calm = new AbortController().signal;
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('who asks during a round waits for the next, which all of them share', async () => {
  const { begun, ask } = rounds();
  const first = ask('hour', calm);
  const others = [ask('hour', calm), ask('hour', calm), ask('hour', calm)];
  await turn();
  expect(begun).toHaveLength(1);
  begun[0]?.answer('old');
  expect(await first).toBe('old');
  await turn();
  expect(begun).toHaveLength(2);
  begun[1]?.answer('new');
  expect(await Promise.all(others)).toEqual(['new', 'new', 'new']);
  await turn();
  const later = ask('hour', calm);
  begun[2]?.answer('later');
  expect(await later).toBe('later');
});

test('different questions do not wait for each other', async () => {
  const { begun, ask } = rounds();
  const both = [ask('a', calm), ask('b', calm)];
  expect(begun.map(({ key }) => key)).toEqual(['a', 'b']);
  for (const { key, answer } of begun) answer(key);
  expect(await Promise.all(both)).toEqual(['a', 'b']);
});

test('a round that fails fails those who shared it, and the next begins all the same', async () => {
  const { begun, ask } = rounds();
  const first = ask('hour', calm);
  const second = ask('hour', calm);
  begun[0]?.fail(new Error('away'));
  await expect(first).rejects.toThrow('away');
  await turn();
  begun[1]?.answer('back');
  expect(await second).toBe('back');
});

test('an abort releases only who aborted', async () => {
  const { begun, ask } = rounds();
  const leaving = new AbortController();
  const first = ask('hour', leaving.signal);
  leaving.abort(new Error('gone'));
  await expect(first).rejects.toThrow('gone');
  const second = ask('hour', calm);
  begun[0]?.answer('old');
  await turn();
  begun[1]?.answer('new');
  expect(await second).toBe('new');
});
