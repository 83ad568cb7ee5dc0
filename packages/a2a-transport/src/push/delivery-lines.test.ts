import { expect, test } from 'vitest';
import type { DeliveryLine } from './delivery-line.ts';
import { DeliveryLines } from './delivery-lines.ts';
import type { StoredPushConfig } from './push-config-store.ts';

const config = (overrides: Partial<StoredPushConfig> = {}): StoredPushConfig => ({
  owner: 'alice',
  taskId: 't',
  id: 'one',
  version: '1',
  config: { url: 'https://a.example/' },
  protocolVersion: '1.0',
  delivered: 0,
  failures: 0,
  state: 'active',
  ...overrides,
});

/** Lines that only write down what is done to them. */
function createLines() {
  const said: string[] = [];
  const ends: (() => void)[] = [];
  const lines = new DeliveryLines((each, onEnd) => {
    const name = `${each.owner}/${each.taskId}/${each.id}@${each.version}`;
    ends.push(onEnd);
    const line: Pick<DeliveryLine, 'config' | 'wake' | 'stop'> = {
      config: each,
      wake: () => void said.push(`wake ${name}`),
      stop: async () => void said.push(`stop ${name}`),
    };
    return line as DeliveryLine; // its privates are nobody's business here
  });
  return { lines, said, ends };
}

test('a line that has ended is forgotten: nothing of it is woken, and its place is free', () => {
  const { lines, said, ends } = createLines();
  lines.takeUp(config());
  lines.takeUp(config());
  expect(said).toEqual(['wake alice/t/one@1']);
  ends[0]?.();
  lines.wake('t');
  lines.takeUp(config({ version: '2' }));
  expect(said).toEqual(['wake alice/t/one@1', 'wake alice/t/one@2']);
});

test('a line that ends late does not take its successor with it', () => {
  const { lines, said, ends } = createLines();
  lines.replace(config());
  lines.replace(config({ version: '2' }));
  ends[0]?.();
  lines.wake('t');
  expect(said).toEqual(['wake alice/t/one@1', 'stop alice/t/one@1', 'wake alice/t/one@2', 'wake alice/t/one@2']);
});

test('one owner’s removal is nothing to another’s line of the same name', () => {
  const { lines, said } = createLines();
  lines.replace(config());
  lines.replace(config({ owner: 'bob' }));
  lines.drop('bob', 't', 'one');
  lines.drop('carol', 't', 'one');
  lines.wake('t');
  expect(said.slice(2)).toEqual(['stop bob/t/one@1', 'wake alice/t/one@1']);
});

test('after the end nothing begins', async () => {
  const { lines, said } = createLines();
  lines.replace(config());
  await lines.close();
  lines.replace(config({ version: '2' }));
  lines.wake('t');
  expect(said).toEqual(['wake alice/t/one@1', 'stop alice/t/one@1']);
});
