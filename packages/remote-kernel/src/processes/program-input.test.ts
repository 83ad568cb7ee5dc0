import { systemClock } from '@skein/contracts/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLocalKernel, type LocalKernel } from '../local-kernel.ts';
import { shell } from '../testing/real-machine.ts';
import { keepInputOpen } from './program.ts';

let kernel: LocalKernel;
beforeEach(() => {
  kernel = createLocalKernel({ hostId: 'testhost', clock: systemClock }, { graceMs: 300 });
});
afterEach(() => kernel.host.stop());

const start = (script: string, stdin?: string | typeof keepInputOpen) =>
  kernel.host.start({ ...shell(script), ...(stdin !== undefined && { stdin }) }, { runId: 'run', label: 'test' });

test('an open input takes words while the program runs, and none after it has ended', async () => {
  const run = await start('read a; echo "1 $a"; read b; echo "2 $b"', keepInputOpen);
  expect(await run.write('one\n')).toBe(true);
  for await (const { text } of run.output) {
    expect(text).toBe('1 one\n');
    break;
  }
  expect(await run.write('two\n')).toBe(true);
  expect((await run.done).stdout).toBe('1 one\n2 two\n');
  expect(await run.write('three\n')).toBe(false);
});

test('a program that closes its input is told nothing more, and nothing breaks', async () => {
  const run = await start('exec <&-; echo closed; sleep 1000', keepInputOpen);
  for await (const _piece of run.output) break;
  const taken = [];
  for (let n = 0; n < 5; n++) taken.push(await run.write('word\n'));
  expect(taken.at(-1)).toBe(false);
  await run.kill();
});

test('for a program that does not read, so much is held and no more', async () => {
  const run = await start('echo up; sleep 1000', keepInputOpen);
  for await (const _piece of run.output) break;
  const text = 'x'.repeat(200_000);
  const writes = Array.from({ length: 20 }, () => run.write(text));
  expect(await writes.at(-1)).toBe(false); // while the first ones still wait
  await run.kill();
  expect((await Promise.all(writes)).slice(-10)).toEqual(Array(10).fill(false));
});

test.each([[undefined], ['text']])('an input that is %j takes nothing more', async (stdin) => {
  const run = await start('cat', stdin);
  expect(await run.write('more')).toBe(false);
  expect((await run.done).stdout).toBe(stdin ?? '');
});

test('the text "open" is a text', async () => {
  expect((await (await start('cat', 'open')).done).stdout).toBe('open');
});

test('a program that was not started takes nothing', async () => {
  const spec = { ...shell(''), program: '/no/such/program', stdin: keepInputOpen };
  const run = await kernel.host.start(spec, { runId: 'run', label: 'test' });
  expect(await run.write('word')).toBe(false);
});
