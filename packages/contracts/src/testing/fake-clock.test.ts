import { pbkdf2 } from 'node:crypto';
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFakeClock } from './fake-clock.ts';

/** Keeps the threads on which files are read busy for a while, as a machine with too much to do does. */
function holdUpFiles(): Promise<unknown> {
  const hash = () => new Promise((resolve) => pbkdf2('', '', 50_000, 64, 'sha512', resolve));
  return Promise.all(Array.from({ length: 8 }, hash));
}

test('time waits for the files that are read, one after the other, however slow the machine is', async () => {
  const clock = createFakeClock();
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'skein-fake-clock-')));
  const held = holdUpFiles();
  try {
    let readAt: number | undefined;
    const beganAt = clock.now();
    const reading = (async () => {
      await clock.sleep(10);
      const file = join(await realpath(folder), 'note');
      await writeFile(file, 'here');
      await readFile(file);
      readAt = clock.now();
    })();
    await clock.advance(1_000);
    expect(readAt).toBe(beganAt + 10);
    await reading;
  } finally {
    await held;
    await rm(folder, { recursive: true });
  }
});

test('sleepers wake in the order of their hour, and what one of them begins is part of the way', async () => {
  const clock = createFakeClock(0);
  const woken: [string, number][] = [];
  const wake = (name: string, ms: number) => clock.sleep(ms).then(() => woken.push([name, clock.now()]));
  void wake('late', 30);
  void wake('early', 10).then(() => wake('between', 10));
  await clock.advance(25);
  expect(woken).toEqual([
    ['early', 10],
    ['between', 20],
  ]);
  expect([clock.now(), clock.sleeping]).toEqual([25, 1]);
  await clock.advance(5);
  expect(woken.at(-1)).toEqual(['late', 30]);
});
