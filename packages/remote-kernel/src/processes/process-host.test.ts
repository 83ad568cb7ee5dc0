import { systemClock } from '@skein/contracts/runtime';
import { createMemoryLogger } from '@skein/contracts/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLocalKernel, type LocalKernel } from '../local-kernel.ts';
import { cleanEnv, nodeScript, pidsWithArgument, shell, until } from '../testing/real-machine.ts';
import type { ProgramSpec, StartOptions } from './program.ts';

let kernel: LocalKernel;
let logger: ReturnType<typeof createMemoryLogger>;
let runCount = 0;

beforeEach(() => {
  logger = createMemoryLogger();
  kernel = createLocalKernel({ hostId: 'testhost', clock: systemClock, logger }, { graceMs: 300 });
});
afterEach(() => kernel.host.stop());

const start = (spec: ProgramSpec, options: Partial<StartOptions> = {}) => {
  runCount += 1;
  return kernel.host.start(spec, { runId: `run-${runCount}`, label: 'test', ...options });
};
const resultOf = async (spec: ProgramSpec, options: Partial<StartOptions> = {}) => (await start(spec, options)).done;

/** A time that `sleep` takes, unlike any other test's, so that its processes are known by their argument. */
let wordCount = 0;
const sleepWord = () => {
  wordCount += 1;
  return `${90_000 + wordCount}.${process.pid}`;
};

describe('a program', () => {
  test.each([
    [shell('exit 0'), { status: 'exited', exitCode: 0 }],
    [shell('exit 143'), { status: 'exited', exitCode: 143 }],
    [shell('kill -TERM $$'), { status: 'signalled', signal: 'SIGTERM' }],
    [shell('kill -KILL $$'), { status: 'signalled', signal: 'SIGKILL' }],
    [
      { ...shell(''), program: '/no/such/program' },
      { status: 'not_started', reason: 'ENOENT' },
    ],
    [
      { ...shell(''), program: '/etc/passwd' },
      { status: 'not_started', reason: 'EACCES' },
    ],
    [
      { ...shell(''), program: 'sh' },
      { status: 'not_started', reason: 'PROGRAM_NOT_ABSOLUTE' },
    ],
    [
      { ...shell(''), cwd: '/no/such/folder' },
      { status: 'not_started', reason: 'ENOENT' },
    ],
    [shell('\0'), { status: 'not_started', reason: 'ERR_INVALID_ARG_VALUE' }],
  ] as const)('ends as it ended: %#', async (spec, exit) => {
    expect((await resultOf(spec)).exit).toEqual(exit);
  });

  test('that could not be started has no pid, no output, and leaves its id free', async () => {
    const run = await start({ ...shell(''), program: '/no/such/program' }, { runId: 'again' });
    expect(run.pid).toBeUndefined();
    for await (const _piece of run.output) expect.unreachable();
    await run.kill();
    expect((await resultOf(shell('exit 7'), { runId: 'again' })).exit).toEqual({ status: 'exited', exitCode: 7 });
  });

  test('sees the environment that it was given, the two names of ours, and nothing else', async () => {
    const { stdout } = await resultOf({
      ...nodeScript('console.log(JSON.stringify(process.env))'),
      env: { A: 'b', SKEIN_RUN: 'forged' },
    });
    const { SKEIN_RUN, ...rest } = JSON.parse(stdout) as Record<string, string>;
    expect(rest).toEqual({ A: 'b', SKEIN_REPORT_FD: '3' });
    expect(SKEIN_RUN).toMatch(new RegExp(`^testhost/${process.pid}\\.\\d+/run-\\d+$`));
  });

  test('gets its arguments as they are: no shell reads them', async () => {
    const args = ['$HOME', '; echo no', '*', '', 'two words', '`id`', 'ä\n'];
    const script = 'console.log(JSON.stringify(process.argv.slice(1)))';
    const spec = nodeScript(script);
    const { stdout } = await resultOf({ ...spec, args: [...spec.args, '--', ...args] });
    expect(JSON.parse(stdout)).toEqual(args);
  });

  test('reads its input to the end, and an empty one without', async () => {
    const text = 'ä'.repeat(200_000);
    expect((await resultOf({ ...shell('cat'), stdin: text })).stdout).toBe(text);
    expect((await resultOf(shell('cat; echo end'))).stdout).toBe('end\n');
  });

  test('may leave its input unread', async () => {
    expect((await resultOf({ ...shell('exit 4'), stdin: 'x'.repeat(1_000_000) })).exit).toEqual({
      status: 'exited',
      exitCode: 4,
    });
  });

  test('works in the folder that it was given', async () => {
    expect((await resultOf({ ...shell('pwd'), cwd: '/usr' })).stdout).toBe('/usr\n');
  });

  test('has a run id of its own', async () => {
    const run = await start(shell('sleep 1000'), { runId: 'same' });
    await expect(start(shell(''), { runId: 'same' })).rejects.toMatchObject({ code: 'RUN_EXISTS' });
    await run.kill();
  });
});

describe('output', () => {
  test('is heard while the program runs', async () => {
    const run = await start({ ...shell('echo one; read line; echo "$line" >&2'), program: '/bin/sh' });
    for await (const piece of run.output) {
      expect(piece).toEqual({ stream: 'stdout', text: 'one\n' });
      break; // heard before the end
    }
    await run.done;
    const pieces = [];
    for await (const piece of run.output) pieces.push(piece);
    expect(pieces).toEqual([
      { stream: 'stdout', text: 'one\n' },
      { stream: 'stderr', text: '\n' },
    ]);
  });

  test('of a character written in two halves is whole', async () => {
    const halves = String.raw`printf '\303'; sleep 0.05; printf '\244'`;
    const run = await start(shell(halves));
    const pieces = [];
    for await (const piece of run.output) pieces.push(piece.text);
    expect(pieces).toEqual(['ä']);
  });

  test('beyond the cap is drained and dropped', async () => {
    const result = await resultOf(shell('head -c 30000000 /dev/zero; echo end >&2; exit 9'));
    expect(result.exit).toEqual({ status: 'exited', exitCode: 9 });
    expect(result.stdout.length).toBe(1_048_576);
    expect(result.truncated).toBe(true);
  });

  test('of a flood neither fills the memory nor stops the kill', async () => {
    const residentBytes = process.memoryUsage.rss();
    const run = await start({ ...shell(''), program: '/usr/bin/yes', args: [] }, { maxOutputBytes: 1000 });
    await until('it has gone on for a while', () => (kernel.accounting.ofRun(run.runId)?.durationMs ?? 0) >= 1_000);
    await run.kill();
    const result = await run.done;
    expect(result.stdout).toBe('y\n'.repeat(500));
    expect(process.memoryUsage.rss() - residentBytes).toBeLessThan(50 * 2 ** 20);
  });
});

describe('the tree of a run', () => {
  /** Ways to get out of sight. */
  const escapes = (word: string): [string, string][] => [
    ['a child', `sleep ${word} &`],
    ['a child in a session of its own', `setsid sleep ${word} &`],
    ['an orphan', `(sleep ${word} &)`],
    ['an orphan in a session of its own', `(setsid sleep ${word} &)`],
    ['a child without environment', `env -i sleep ${word} &`],
    ['an orphan without environment in a session of its own', `(setsid env -i sleep ${word} &)`],
    ['an orphan without environment', `(env -i sleep ${word} >/dev/null 2>&1 3>&- &)`],
    ['a daemon', `(setsid sh -c 'cd /; (sleep ${word} </dev/null >/dev/null 2>&1 3>&- &)' &)`],
    ['a child that is stopped', `sh -c 'kill -STOP $$' ${word} &`],
    ['a child that ignores TERM', `(trap '' TERM; sleep ${word}) &`],
  ];
  const ways = escapes('').map(([name]) => name);

  test.each(ways)('is killed with it: %s', async (way) => {
    const word = sleepWord();
    const script = escapes(word).find(([name]) => name === way)?.[1];
    const run = await start(shell(`${script}\nsleep ${word}`));
    await until('both sleep', () => pidsWithArgument(word).length >= 2);
    await Promise.all([run.kill(), run.kill()]);
    expect(pidsWithArgument(word)).toEqual([]);
    expect((await run.done).exit).toEqual({ status: 'signalled', signal: 'SIGTERM' });
    await run.kill();
  });

  test.each(ways)('ends when the program ends: %s', async (way) => {
    const word = sleepWord();
    const script = escapes(word).find(([name]) => name === way)?.[1];
    const result = await resultOf(shell(`${script}\nsleep 0.1; exit 5`));
    expect(pidsWithArgument(word)).toEqual([]);
    expect(result.exit).toEqual({ status: 'exited', exitCode: 5 });
  });

  test('is killed by the abort of its signal, and tells the truth', async () => {
    const word = sleepWord();
    const abort = new AbortController();
    const run = await start(shell(`echo before; setsid sleep ${word} & sleep ${word}`), { signal: abort.signal });
    await until('both sleep', () => pidsWithArgument(word).length === 2);
    abort.abort(new Error('enough'));
    const result = await run.done;
    expect(result).toMatchObject({ exit: { status: 'signalled', signal: 'SIGTERM' }, stdout: 'before\n' });
    expect(pidsWithArgument(word)).toEqual([]);
  });

  test('does not start under a signal that was aborted before', async () => {
    const reason = new Error('never mind');
    await expect(start(shell(''), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test('gets a grace period, which a program may use to end well', async () => {
    const run = await start(shell("trap 'echo bye; exit 6' TERM; echo up; while :; do sleep 0.01; done"));
    for await (const piece of run.output) if (piece.text.includes('up')) break;
    await run.kill();
    expect(await run.done).toMatchObject({ exit: { status: 'exited', exitCode: 6 }, stdout: 'up\nbye\n' });
  });

  test('that does not listen is killed all the same', async () => {
    const run = await start(shell("trap '' TERM; echo up; while :; do sleep 0.01; done"));
    for await (const piece of run.output) if (piece.text.includes('up')) break;
    await run.kill();
    expect((await run.done).exit).toEqual({ status: 'signalled', signal: 'SIGKILL' });
  });

  test("leaves the neighbour's alone", async () => {
    const [one, other] = [sleepWord(), sleepWord()];
    const first = await start(shell(`setsid sleep ${one} & sleep ${one}`));
    const second = await start(shell(`setsid sleep ${other} & sleep ${other}`));
    await until('all sleep', () => pidsWithArgument(one).length + pidsWithArgument(other).length === 4);
    await first.kill();
    expect(pidsWithArgument(one)).toEqual([]);
    expect(pidsWithArgument(other)).toHaveLength(2);
    await second.kill();
  });

  test('is gone for all runs when the host stops, after which nothing starts', async () => {
    const word = sleepWord();
    const runs = await Promise.all([1, 2, 3].map(() => start(shell(`setsid sleep ${word} & sleep ${word}`))));
    await until('all sleep', () => pidsWithArgument(word).length === 6);
    await Promise.all([kernel.host.stop(), kernel.host.stop()]);
    expect(pidsWithArgument(word)).toEqual([]);
    for (const run of runs) expect((await run.done).exit.status).toBe('signalled');
    await expect(start(shell(''))).rejects.toMatchObject({ code: 'HOST_STOPPED' });
  });

  test('is shown while it lives, and after', async () => {
    const word = sleepWord();
    const run = await start(shell(`sleep ${word} & wait`), { label: 'two of them' });
    const root = await until('the child is seen', () => {
      const [root] = kernel.tree.snapshot().roots;
      return root?.children[0]?.label === 'sleep' && root;
    });
    expect(root).toMatchObject({ pid: run.pid, label: 'two of them', runId: run.runId, state: 'running' });
    expect(root.children[0]).toMatchObject({ label: 'sleep', parentPid: run.pid });
    expect(kernel.accounting.totals().runningCount).toBe(1);
    await run.kill();
    await run.done;
    expect(kernel.tree.list({ state: 'running' })).toEqual([]);
    expect(kernel.tree.list()[0]).toMatchObject({ pid: run.pid, exit: { status: 'signalled', signal: 'SIGTERM' } });
    expect(kernel.accounting.totals()).toMatchObject({ runningCount: 0, finishedCount: 1 });
  });
});

describe('accounting', () => {
  /** Burns CPU by its own measure, so that a busy machine changes nothing. */
  const burn = (ms: number) =>
    `const end = ${ms * 1000}; while (process.cpuUsage().user + process.cpuUsage().system < end);`;

  test('tells CPU and memory of a program that burns 500 ms and holds 64 MB', async () => {
    const { usage } = await resultOf(nodeScript(`const held = Buffer.alloc(64 * 2 ** 20, 1); ${burn(500)}; held[0]`));
    expect(usage.cpuMs).toBeGreaterThan(250);
    expect(usage.cpuMs).toBeLessThan(1_000);
    expect(usage.peakMemoryBytes).toBeGreaterThan(32 * 2 ** 20);
    expect(usage.peakMemoryBytes).toBeLessThan(2 * (64 + 60) * 2 ** 20); // the runtime itself takes some 60 MB
    expect(usage.durationMs).toBeGreaterThan(0);
  });

  test('counts children that come and go between two looks', async () => {
    const child = `${process.execPath} -e '${burn(150)}'`;
    const { usage } = await resultOf(shell(`${child}; ${child}; ${child}; ${child}`));
    expect(usage.cpuMs).toBeGreaterThan(300);
    expect(usage.cpuMs).toBeLessThan(1_200);
  });

  test('keeps apart what runs at the same time', async () => {
    const results = await Promise.all([100, 400, 100, 400].map((ms) => resultOf(nodeScript(burn(ms)))));
    for (const [index, { usage }] of results.entries()) {
      const ms = index % 2 === 0 ? 100 : 400;
      expect(usage.cpuMs).toBeGreaterThanOrEqual(ms / 2);
      expect(usage.cpuMs).toBeLessThanOrEqual(ms * 2);
    }
    const sum = results.reduce((total, { usage }) => total + usage.cpuMs, 0);
    expect(kernel.accounting.totals().cpuMs).toBe(sum);
  });

  test('sees the memory of a short program', async () => {
    const { usage } = await resultOf({ ...shell(''), program: '/bin/sleep', args: ['0.2'] });
    expect(usage.peakMemoryBytes).toBeGreaterThan(0);
  });

  test('hears what the program reports of itself, while it runs', async () => {
    const run = await start({
      ...shell(`echo '{"usage":{"tokensIn":10,"costMicroUsd":7}}' >&3; echo up; sleep 1000`),
      env: cleanEnv,
    });
    await until('the report is heard', () => kernel.accounting.ofRun(run.runId)?.tokensIn === 10);
    await run.kill();
    expect((await run.done).usage).toMatchObject({ tokensIn: 10, tokensOut: 0, costMicroUsd: 7, toolCalls: 0 });
    expect(kernel.accounting.totals()).toMatchObject({ tokensIn: 10, costMicroUsd: 7 });
  });

  test('passes over reports that cannot be, and says so', async () => {
    const lines = [
      '{"usage":{"tokensIn":5}}',
      'not json',
      '{"usage":{"tokensIn":-5,"toolCalls":1}}',
      '[]',
      '{"usage":{"tokensIn":2}}',
    ];
    const { usage, exit } = await resultOf(shell(lines.map((line) => `echo '${line}' >&3`).join('; ')));
    expect(exit).toEqual({ status: 'exited', exitCode: 0 });
    expect(usage).toMatchObject({ tokensIn: 7, toolCalls: 1 });
    expect(logger.lines.map((line) => line.message)).toEqual([
      'usage report has a malformed line',
      'usage report has an impossible number',
      'usage report had mistakes',
    ]);
    expect(logger.lines.at(-1)?.fields).toMatchObject({ malformedLines: 2, refusedNumbers: 1 });
  });

  test('drains a flood of reports', async () => {
    const { exit } = await resultOf(shell('head -c 5000000 /dev/zero >&3; exit 2'));
    expect(exit).toEqual({ status: 'exited', exitCode: 2 });
  });
});
