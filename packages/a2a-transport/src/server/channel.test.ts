import { expect, test, vi } from 'vitest';
import { collect } from '../testing/collect.ts';
import { createChannel } from './channel.ts';

const create = (capacity = 3) => {
  const onLeave = vi.fn();
  return { onLeave, channel: createChannel<number>({ capacity, overflow: () => new Error('too slow'), onLeave }) };
};
const forever = () => new AbortController().signal;

test('a reader gets everything in order, also what came before it read', async () => {
  const { channel, onLeave } = create();
  channel.push(1);
  const reading = collect(channel.read(forever()));
  channel.push(2);
  await Promise.resolve();
  channel.push(3);
  channel.end();
  channel.push(4);
  expect(await reading).toEqual([1, 2, 3]);
  expect(onLeave).toHaveBeenCalledOnce();
});

test('a failure comes after what was queued', async () => {
  const { channel } = create();
  channel.push(1);
  channel.fail(new Error('broken'));
  const read = channel.read(forever());
  expect(await read.next()).toEqual({ done: false, value: 1 });
  await expect(read.next()).rejects.toThrow('broken');
});

test('a reader that is too far behind is cut off instead of kept in memory', async () => {
  const { channel } = create(2);
  for (const item of [1, 2, 3, 4]) channel.push(item);
  await expect(channel.read(forever()).next()).rejects.toThrow('too slow');
});

test('an abort ends a waiting reader quietly', async () => {
  const { channel, onLeave } = create();
  const controller = new AbortController();
  const reading = collect(channel.read(controller.signal));
  await Promise.resolve();
  controller.abort();
  expect(await reading).toEqual([]);
  expect(onLeave).toHaveBeenCalledOnce();
});

test('leaving a channel is told', async () => {
  const { channel, onLeave } = create();
  channel.push(1);
  for await (const _ of channel.read(forever())) break;
  expect(onLeave).toHaveBeenCalledOnce();
});
