import {
  createAccounting,
  createProcessTree,
  KernelError,
  type ProcessHost,
  type ProgramRun,
} from '@skein/remote-kernel';
import { expect, test } from 'vitest';
import { createProgramRunner, createResourceAccounting } from './program-runner.ts';

const usage = {
  cpuMs: 10.4,
  peakMemoryBytes: 5.6,
  durationMs: 3,
  tokensIn: 1,
  tokensOut: 2,
  costMicroUsd: 3,
  toolCalls: 4,
};

const run: ProgramRun = {
  runId: 'r',
  pid: 7,
  output: {
    async *[Symbol.asyncIterator]() {
      yield { stream: 'stdout' as const, text: 'one' };
      yield { stream: 'stderr' as const, text: 'two' };
    },
  },
  done: Promise.resolve({
    exit: { status: 'exited', exitCode: 3 },
    stdout: 'one',
    stderr: 'two',
    truncated: false,
    usage,
  }),
  write: async () => false,
  kill: async () => {},
};

const request = { runId: 'r', label: 'cat x', program: '/bin/cat', args: ['x'], cwd: '/', env: { A: 'b' } };
const noOutput = () => {};

function runnerOf(start: ProcessHost['start']) {
  return createProgramRunner({ host: { start, reapOrphans: async () => [] } });
}

test('a program is passed on as it was asked for, its output as it comes, its usage in whole numbers', async () => {
  const asked: unknown[] = [];
  const said: string[] = [];
  const runner = runnerOf(async (...args) => {
    asked.push(args);
    return run;
  });
  const { signal } = new AbortController();
  const outcome = await runner.run(request, { signal, onOutput: (stream, text) => said.push(`${stream} ${text}`) });
  expect(asked).toEqual([
    [
      { program: '/bin/cat', args: ['x'], cwd: '/', env: { A: 'b' } },
      { runId: 'r', label: 'cat x', signal },
    ],
  ]);
  expect(said).toEqual(['stdout one', 'stderr two']);
  expect(outcome).toEqual({
    exit: { status: 'exited', exitCode: 3 },
    ...{ stdout: 'one', stderr: 'two', truncated: false },
    usage: { cpuMs: 10, peakMemoryBytes: 6, tokensIn: 1, tokensOut: 2, costMicroUsd: 3, toolCalls: 4 },
  });
});

test('what was stopped before it started is an outcome, anything else is thrown', async () => {
  const aborted = AbortSignal.abort(new Error('cancelled'));
  const refusing = runnerOf(async (_spec, { signal }) => {
    signal?.throwIfAborted();
    throw new KernelError('HOST_STOPPED', 'r');
  });
  const outcome = await refusing.run(request, { signal: aborted, onOutput: noOutput });
  expect(outcome.exit).toEqual({ status: 'not_started', reason: 'ABORTED' });
  const stopped = await refusing.run(request, { signal: new AbortController().signal, onOutput: noOutput });
  expect(stopped.exit).toEqual({ status: 'not_started', reason: 'HOST_STOPPED' });
  const broken = runnerOf(async () => {
    throw new KernelError('RUN_EXISTS', 'r');
  });
  const { signal } = new AbortController();
  await expect(broken.run(request, { signal, onOutput: noOutput })).rejects.toThrow(KernelError);
});

test('the books of the kernel become those of the swarm', () => {
  const tree = createProcessTree();
  const accounting = createAccounting();
  accounting.finish('r', usage);
  accounting.update('live', { ...usage, cpuMs: 1.5 });
  tree.register({ pid: 7, runId: 'r', label: 'cat x', startedAt: 0 });
  tree.update(7, { cpuMs: 1.5, memoryBytes: 2.5, peakMemoryBytes: 3.4 });
  const books = createResourceAccounting({ accounting, tree });
  expect(books.totals()).toMatchObject({ cpuMs: 12, peakMemoryBytes: 6, toolCalls: 8 });
  expect(books.runs?.()).toMatchObject([{ runId: 'live', usage: { cpuMs: 2, toolCalls: 4 } }]);
  expect(books.processes()).toEqual([
    {
      ...{ pid: 7, runId: 'r', label: 'cat x', state: 'running', startedAt: '1970-01-01T00:00:00.000Z' },
      ...{ cpuMs: 2, memoryBytes: 3, peakMemoryBytes: 3 },
    },
  ]);
});
