import { systemClock } from '@skein/contracts/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLocalKernel, type LocalKernel } from '../local-kernel.ts';
import { nodeScript, pidsWithArgument, shell, until } from '../testing/real-machine.ts';
import type { ProgramSpec } from './program.ts';

const MiB = 2 ** 20;
let kernel: LocalKernel;
beforeEach(() => {
  kernel = createLocalKernel({ hostId: 'testhost', clock: systemClock }, { graceMs: 5_000 });
});
afterEach(() => kernel.host.stop());

const start = (spec: ProgramSpec, maxMemoryBytes: number) =>
  kernel.host.start(spec, { runId: 'run', label: 'test', maxMemoryBytes });

const held = 'const held = Buffer.alloc(150 * 2 ** 20, 1);';

test('a program that takes more than it may is killed at once, and the result tells why', async () => {
  const stubborn = `process.on('SIGTERM', () => {}); ${held} setInterval(() => held[0], 1000)`;
  const startedAt = systemClock.now();
  const result = await (await start(nodeScript(stubborn), 128 * MiB)).done;
  expect(result).toMatchObject({ exit: { status: 'signalled', signal: 'SIGKILL' }, limit: 'memory' });
  expect(systemClock.now() - startedAt).toBeLessThan(4_000); // no grace
});

test('the whole tree counts, and ends', async () => {
  const word = `70001.${process.pid}`;
  const child = `setsid ${process.execPath} -e '${held} setInterval(() => held[0], 1000)' ${word} &`;
  const result = await (await start(shell(`${child} ${child} sleep ${word}`), 256 * MiB)).done;
  expect(result.limit).toBe('memory');
  expect(pidsWithArgument(word)).toEqual([]);
});

test('who stays below ends as it ends', async () => {
  const result = await (await start(nodeScript(`${held} held[0]`), 600 * MiB)).done;
  expect(result).toMatchObject({ exit: { status: 'exited', exitCode: 0 } });
  expect(result.limit).toBeUndefined();
});

test('a run that is killed on somebody’s word is not said to have met its limit', async () => {
  const run = await start(shell('echo up; sleep 1000'), 128 * MiB);
  for await (const _piece of run.output) break;
  await until('it is seen', () => kernel.tree.list({ runId: 'run' }).length > 0);
  await run.kill();
  expect((await run.done).limit).toBeUndefined();
});
