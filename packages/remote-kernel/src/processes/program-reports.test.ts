import { systemClock } from '@skein/contracts/runtime';
import { createMemoryLogger } from '@skein/contracts/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLocalKernel, type LocalKernel } from '../local-kernel.ts';
import { nodeScript, shell, until } from '../testing/real-machine.ts';
import type { ProgramSpec, ProgramUsage, StartOptions } from './program.ts';

let kernel: LocalKernel;
let logger: ReturnType<typeof createMemoryLogger>;
let progress: string[];
let usages: ProgramUsage[];

beforeEach(() => {
  logger = createMemoryLogger();
  progress = [];
  usages = [];
  kernel = createLocalKernel({ hostId: 'testhost', clock: systemClock, logger }, { graceMs: 300 });
});
afterEach(() => kernel.host.stop());

const start = (spec: ProgramSpec, options: Partial<StartOptions> = {}) =>
  kernel.host.start(spec, {
    runId: 'run',
    label: 'test',
    onReport: (report) => progress.push(report.progress),
    onUsage: (usage) => usages.push(usage),
    ...options,
  });
const resultOf = async (spec: ProgramSpec, options: Partial<StartOptions> = {}) => (await start(spec, options)).done;

const both = '{"usage":{"tokensIn":5},"progress":"half"}';

describe('on its descriptor a program reports', () => {
  test('numbers and progress, in one line or two', async () => {
    const script = `echo '${both}' >&3; sleep 0.1; echo '{"progress":"all"}' >&3; echo '{"usage":{"tokensIn":2}}' >&3`;
    const { usage, stderr } = await resultOf(shell(script));
    expect(usage.tokensIn).toBe(7);
    expect(progress).toEqual(['half', 'all']);
    expect(stderr).toBe('');
    expect(usages.at(-1)).toMatchObject({ tokensIn: 7 });
  });

  test('and what looks like a report on standard error is none', async () => {
    const { usage, stderr } = await resultOf(shell(`echo '${both}' >&2; echo "$SKEIN_REPORT_FD"`));
    expect([usage.tokensIn, stderr, progress]).toEqual([0, `${both}\n`, []]);
  });
});

describe('on standard error a program reports', () => {
  test('between the lines that it says there', async () => {
    const script = `echo before >&2; echo '${both}' >&$SKEIN_REPORT_FD; echo '{"level":"info"}' >&2; echo after >&2`;
    const { usage, stderr } = await resultOf(shell(script), { reportOn: 'stderr' });
    expect(usage.tokensIn).toBe(5);
    expect(progress).toEqual(['half']);
    expect(stderr).toBe('before\n{"level":"info"}\nafter\n');
    expect(logger.lines).toEqual([]);
  });

  test('a last line without its end, also beyond the cap of its output', async () => {
    const script = `head -c 4000 /dev/zero >&2; echo >&2; printf '${both}' >&2`;
    const { usage, truncated } = await resultOf(shell(script), { reportOn: 'stderr', maxOutputBytes: 1000 });
    expect([usage.tokensIn, truncated]).toEqual([5, true]);
  });

  test('and not on descriptor 3, which it may fill all the same', async () => {
    const { usage, exit } = await resultOf(shell(`head -c 3000000 /dev/zero >&3; echo '${both}' >&3`), {
      reportOn: 'stderr',
    });
    expect([usage.tokensIn, exit]).toEqual([0, { status: 'exited', exitCode: 0 }]);
  });
});

test('a flood of reports is added up, and is no flood of news', async () => {
  const script = `const line = '{"usage":{"toolCalls":1},"progress":"on"}\\n'; require('fs').writeSync(3, line.repeat(20000).slice(0, 60000));`;
  const { usage } = await resultOf(nodeScript(script));
  expect(usage.toolCalls).toBeGreaterThan(1_000);
  expect(progress.length).toBeLessThan(100);
});

test('usage is told as it grows, and not when nothing but time has passed', async () => {
  const run = await start(shell(`sleep 0.7; echo '{"usage":{"tokensOut":1}}' >&3; sleep 1000`));
  await until('the report is heard', () => usages.at(-1)?.tokensOut === 1);
  const figures = usages.map(({ durationMs: _time, ...rest }) => JSON.stringify(rest));
  expect(new Set(figures).size).toBe(figures.length);
  await run.kill();
});

test('a listener that throws does not break the run', async () => {
  const onReport = () => {
    throw new Error('broken');
  };
  const { exit, usage } = await resultOf(shell(`echo '${both}' >&3`), { onReport, onUsage: onReport });
  expect([exit, usage.tokensIn]).toEqual([{ status: 'exited', exitCode: 0 }, 5]);
  expect(logger.lines.some((line) => line.message === 'listener of a run failed')).toBe(true);
});
