import { randomUUID } from 'node:crypto';
import { AgentId, AgentInputLine, DirectiveId, NodeId } from '@skein/contracts';
import { createFakeClock, createMemoryLogger } from '@skein/contracts/testing';
import { describe, expect, test } from 'vitest';
import { noProgramUsage } from '../accounting.ts';
import { KernelError } from '../errors.ts';
import type { ProgramResult, ProgramSpec, ProgramUsage, StartOptions } from '../processes/program.ts';
import type { CommandAgentConfig, CommandAgentRequest } from './agent-program.ts';
import { type CommandAgentHooks, type CommandAgentReport, createCommandAgent } from './command-agent.ts';

const agentId = AgentId.parse(randomUUID());
const directiveId = DirectiveId.parse(randomUUID());
const from = NodeId.parse('a'.repeat(26));

const plain: CommandAgentConfig = {
  command: ['/usr/bin/agent', '--quick'],
  input: 'text',
  env: {},
  report: 'descriptor',
  limits: {},
  restart: { budget: 0, delayMs: 100 },
};

type End = Partial<ProgramResult> & { usage?: ProgramUsage };
const exited = (exitCode: number, more: End = {}): End => ({ exit: { status: 'exited', exitCode }, ...more });
const signalled = (signal: string, more: End = {}): End => ({ exit: { status: 'signalled', signal }, ...more });

interface Started {
  spec: ProgramSpec;
  options: StartOptions;
  written: string[];
  end(result: End): void;
}

/** A host whose programs run until the test ends them, or until they are told to end. */
function setUp(config: Partial<CommandAgentConfig> = {}) {
  const clock = createFakeClock(0);
  const logger = createMemoryLogger();
  const started: Started[] = [];
  let broken: Error | undefined;
  const host = {
    async start(spec: ProgramSpec, options: StartOptions) {
      options.signal?.throwIfAborted();
      if (broken) throw broken;
      const written: string[] = [];
      let settle = (_result: ProgramResult) => {};
      const done = new Promise<ProgramResult>((resolve) => {
        settle = resolve;
      });
      const end = (result: End) =>
        settle({
          exit: { status: 'exited', exitCode: 0 },
          stdout: 'said',
          stderr: '',
          truncated: false,
          usage: noProgramUsage,
          ...result,
        });
      options.signal?.addEventListener('abort', () => end(signalled('SIGTERM')));
      started.push({ spec, options, written, end });
      return {
        runId: options.runId,
        pid: 70 + started.length,
        done,
        output: { async *[Symbol.asyncIterator]() {} },
        async write(text: string) {
          if (text.includes('never read')) return new Promise<boolean>(() => {});
          written.push(text);
          return true;
        },
        kill: async () => {},
      };
    },
  };
  const agent = createCommandAgent({ host, clock, logger }, { ...plain, ...config });
  const spawn = (request: Partial<CommandAgentRequest> = {}, hooks: Partial<CommandAgentHooks> = {}) => {
    const abort = new AbortController();
    const reports: CommandAgentReport[] = [];
    const run = agent.start(
      {
        agentId,
        directiveId,
        name: 'indexer',
        instruction: 'index it',
        context: { folder: 'texts' },
        limits: {},
        workFolder: '/work/folder',
        ...request,
      },
      { signal: abort.signal, onReport: (report) => reports.push(report), onOutput() {}, ...hooks },
    );
    return { run, abort, reports };
  };
  const breakHost = (cause: Error) => {
    broken = cause;
  };
  const last = () => {
    const latest = started.at(-1);
    if (!latest) throw new Error('nothing was started');
    return latest;
  };
  return { clock, logger, started, last, spawn, breakHost };
}

describe('an agent is started', () => {
  test('with what is listed and what is told of itself, and nothing else', async () => {
    const { spawn, clock, last } = setUp({ env: { KEY: 'value', LANG: 'de_DE.UTF-8', SKEIN_AGENT_ID: 'forged' } });
    spawn();
    await clock.advance(0);
    expect(last().spec).toEqual({
      program: '/usr/bin/agent',
      args: ['--quick'],
      cwd: '/work/folder',
      stdin: 'index it',
      env: {
        PATH: '/usr/local/bin:/usr/bin:/bin',
        LANG: 'de_DE.UTF-8',
        HOME: '/work/folder',
        KEY: 'value',
        SKEIN_AGENT_ID: agentId,
        SKEIN_AGENT_NAME: 'indexer',
        SKEIN_DIRECTIVE_ID: directiveId,
        SKEIN_CONTEXT: '{"folder":"texts"}',
        SKEIN_ATTEMPT: '1',
      },
    });
    expect(last().options).toMatchObject({ runId: `${agentId}/1`, label: 'indexer', agent: { agentId, directiveId } });
  });

  test('with its instruction as the last argument', async () => {
    const { spawn, clock, last } = setUp({ input: 'argument' });
    spawn();
    await clock.advance(0);
    expect(last().spec.args).toEqual(['--quick', 'index it']);
    expect(last().spec.stdin).toBeUndefined();
  });

  test('with its instruction as the first of many lines', async () => {
    const { spawn, clock, last } = setUp({ input: 'lines' });
    const { run } = spawn({ instruction: 'two\nlines' });
    await clock.advance(0);
    const messageId = randomUUID();
    expect(await run.steer?.({ messageId, from, text: 'more' })).toBe(true);
    expect(last().written.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true);
    expect(last().written.map((line) => AgentInputLine.parse(JSON.parse(line)))).toEqual([
      { type: 'instruction', text: 'two\nlines', context: { folder: 'texts' } },
      { type: 'message', messageId, from, text: 'more' },
    ]);
  });

  test.each([
    [undefined, '/work/folder'],
    ['sub', '/work/folder/sub'],
    ['/elsewhere', '/elsewhere'],
  ])('in the folder %s', async (cwd, folder) => {
    const { spawn, clock, last } = setUp({ cwd });
    spawn();
    await clock.advance(0);
    expect(last().spec.cwd).toBe(folder);
  });

  test('under limits that a caller can lower and not raise', async () => {
    const { spawn, clock, last } = setUp({ limits: { memoryBytes: 100, outputBytes: 10 } });
    spawn({ limits: { memoryBytes: 50, outputBytes: 20 } });
    await clock.advance(0);
    expect(last().options).toMatchObject({ maxMemoryBytes: 50, maxOutputBytes: 10 });
  });

  test('not at all, where its context is larger than what is passed on', async () => {
    const { spawn, started } = setUp();
    const { result, status } = await spawn({ context: { text: 'x'.repeat(65_536) } }).run.done;
    expect([status, started.length]).toEqual(['failed', 0]);
    expect(result.error).toEqual({
      reason: 'agent_not_started',
      message: expect.stringContaining('65547 bytes'),
      metadata: { cause: 'CONTEXT_TOO_LARGE' },
    });
  });
});

describe('an agent that ends', () => {
  test.each<[string, End, Record<string, unknown>]>([
    ['well', exited(0), { status: 'completed', result: { exitCode: 0, signal: null, response: 'said' } }],
    [
      'with another exit code',
      exited(3, { stderr: 'no such folder\n' }),
      {
        status: 'failed',
        result: {
          exitCode: 3,
          error: { reason: 'agent_failed', metadata: { exitCode: '3', stderr: 'no such folder' } },
        },
      },
    ],
    [
      'by a signal',
      signalled('SIGSEGV'),
      { result: { signal: 'SIGSEGV', error: { reason: 'agent_killed_by_signal', metadata: { signal: 'SIGSEGV' } } } },
    ],
    [
      'because it could not start',
      { exit: { status: 'not_started', reason: 'ENOENT' } },
      { result: { exitCode: null, error: { reason: 'agent_not_started', metadata: { cause: 'ENOENT' } } } },
    ],
    [
      'beyond its memory',
      signalled('SIGKILL', { limit: 'memory' }),
      { result: { error: { reason: 'agent_memory_limit' } } },
    ],
  ])('%s is told so', async (_name, end, outcome) => {
    const { spawn, clock, last } = setUp({ limits: { memoryBytes: 7 } });
    const { run } = spawn();
    await clock.advance(0);
    last().end(end);
    expect(await run.done).toMatchObject(outcome);
  });

  test('by its time has the reason, its words and what it used', async () => {
    const { spawn, clock } = setUp({ limits: { timeoutMs: 5_000 } });
    const { run } = spawn({ limits: { timeoutMs: 1_000 } });
    await clock.advance(1_000);
    expect(await run.done).toMatchObject({
      status: 'failed',
      result: {
        response: 'said',
        signal: 'SIGTERM',
        error: { reason: 'agent_timed_out', metadata: { timeoutMs: '1000' } },
      },
    });
    expect(clock.sleeping).toBe(0);
  });

  test('on somebody’s word is not started again', async () => {
    const { spawn, clock, started } = setUp({ restart: { budget: 5, delayMs: 10 } });
    const { run, abort } = spawn();
    await clock.advance(0);
    abort.abort(new Error('killed'));
    expect(await run.done).toMatchObject({ status: 'failed', result: { error: { reason: 'agent_killed_by_signal' } } });
    await clock.advance(60_000);
    expect(started).toHaveLength(1);
  });

  test('before it began, for the node stops or was told to, never rejects', async () => {
    const { spawn, breakHost } = setUp();
    breakHost(new KernelError('HOST_STOPPED', 'run'));
    expect((await spawn().run.done).result.error).toMatchObject({ metadata: { cause: 'HOST_STOPPED' } });
    breakHost(new Error('boom'));
    expect((await spawn().run.done).result.error).toMatchObject({ reason: 'agent_not_started' });
    const { run, abort } = spawn();
    abort.abort();
    expect((await run.done).status).toBe('failed');
  });
});

describe('an agent that crashes', () => {
  const restart = { budget: 2, delayMs: 100 };
  const used = (tokensIn: number, peakMemoryBytes: number) => ({ ...noProgramUsage, tokensIn, peakMemoryBytes });

  test('is started again under a run id of its own, and all it used is one sum', async () => {
    const { spawn, clock, started, last } = setUp({ restart });
    const { run, reports } = spawn();
    await clock.advance(0);
    last().end(exited(1, { usage: used(5, 90) }));
    await clock.advance(100);
    expect(last().options.runId).toBe(`${agentId}/2`);
    expect(last().spec.env.SKEIN_ATTEMPT).toBe('2');
    last().options.onUsage?.(used(2, 30));
    last().options.onReport?.({ progress: 'again' });
    await clock.advance(500);
    expect(reports.at(-1)).toMatchObject({ usage: { tokensIn: 7, peakMemoryBytes: 90 }, progress: 'again' });
    expect(reports.some((report) => report.pid === 72 && report.restarts === 1)).toBe(true);
    last().end(exited(0, { usage: used(3, 40) }));
    expect(await run.done).toMatchObject({ status: 'completed', usage: { tokensIn: 8, peakMemoryBytes: 90 } });
    expect(started).toHaveLength(2);
  });

  test('too often has spent its restarts, and its last cause is told', async () => {
    const { spawn, clock, started, last } = setUp({ restart });
    const { run } = spawn();
    for (let n = 0; n < 3; n++) {
      await clock.advance(1_000);
      last().end(signalled('SIGKILL', { limit: 'memory', usage: used(1, 1) }));
    }
    const { result, usage } = await run.done;
    expect(result.error).toMatchObject({
      reason: 'restart_budget_spent',
      metadata: { cause: 'agent_memory_limit', attempts: '3' },
    });
    expect([started.length, usage.tokensIn]).toEqual([3, 3]);
  });

  test.each<[string, End]>([
    ['a wrong configuration', exited(78)],
    ['a program that is not there', { exit: { status: 'not_started', reason: 'ENOENT' } }],
  ])('for %s is not started again', async (_name, end) => {
    const { spawn, clock, started, last } = setUp({ restart });
    const { run } = spawn();
    await clock.advance(0);
    last().end(end);
    expect((await run.done).result.error?.reason).not.toBe('restart_budget_spent');
    expect(started).toHaveLength(1);
  });

  test('shares its restarts with every other agent of its type, which ten good runs refill', async () => {
    const { spawn, clock, last } = setUp({ restart: { budget: 1, delayMs: 100 } });
    const reasonAfter = async (...ends: End[]) => {
      const { run } = spawn();
      for (const end of ends) {
        await clock.advance(1_000);
        last().end(end);
      }
      return (await run.done).result.error?.reason;
    };
    expect(await reasonAfter(exited(1), exited(0))).toBeUndefined();
    expect(await reasonAfter(exited(1))).toBe('restart_budget_spent');
    for (let n = 0; n < 10; n++) await reasonAfter(exited(0));
    expect(await reasonAfter(exited(1), exited(0))).toBeUndefined();
  });

  test('has one time for all its attempts, the waiting between them included', async () => {
    const { spawn, clock, last } = setUp({ restart: { budget: 9, delayMs: 30_000 }, limits: { timeoutMs: 20_000 } });
    const { run } = spawn();
    await clock.advance(0);
    last().end(exited(1));
    await clock.advance(20_000);
    expect((await run.done).result).toMatchObject({ exitCode: 1, error: { reason: 'agent_timed_out' } });
    expect(clock.sleeping).toBe(0);
  });

  test('takes no word while it waits', async () => {
    const { spawn, clock, last } = setUp({ restart, input: 'lines' });
    const { run } = spawn();
    await clock.advance(0);
    last().end(exited(1));
    await clock.advance(1);
    expect(await run.steer?.({ messageId: 'm', from, text: 'word' })).toBe(false);
  });
});

test('a word that nobody reads is given up, and types without lines take none', async () => {
  const { spawn, clock } = setUp({ input: 'lines' });
  const { run } = spawn();
  await clock.advance(0);
  const taken = run.steer?.({ messageId: 'm', from, text: 'never read' });
  await clock.advance(2_000);
  expect(await taken).toBe(false);
  expect(setUp().spawn().run.steer).toBeUndefined();
});

test('a listener that throws is told of, and harms nobody', async () => {
  const { spawn, clock, logger, last } = setUp();
  const onReport = () => {
    throw new Error('broken');
  };
  const { run } = spawn({}, { onReport });
  await clock.advance(0);
  last().end(exited(0));
  expect((await run.done).status).toBe('completed');
  expect(logger.lines.map((line) => line.message)).toContain('listener of an agent failed');
});
