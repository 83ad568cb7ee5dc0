/** Agents as real processes: what they are told, what they tell, and that nothing of them is left. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AgentId, DirectiveId, NodeId } from '@skein/contracts';
import { systemClock } from '@skein/contracts/runtime';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLocalKernel, type LocalKernel } from '../local-kernel.ts';
import { pidsWithArgument, until } from '../testing/real-machine.ts';
import type { CommandAgentConfig, CommandAgentRequest } from './agent-program.ts';
import { type CommandAgentReport, createCommandAgent } from './command-agent.ts';

let kernel: LocalKernel;
let workFolder: string;
beforeEach(() => {
  workFolder = mkdtempSync(join(tmpdir(), 'skein-agent-'));
  kernel = createLocalKernel({ hostId: 'testhost', clock: systemClock }, { graceMs: 300 });
});
afterEach(async () => {
  await kernel.host.stop();
  rmSync(workFolder, { recursive: true });
});

let wordCount = 0;
const sleepWord = () => {
  wordCount += 1;
  return `${60_000 + wordCount}.${process.pid}`;
};

function spawn(
  command: CommandAgentConfig['command'],
  config: Partial<CommandAgentConfig> = {},
  request: Partial<CommandAgentRequest> = {},
) {
  const abort = new AbortController();
  const reports: CommandAgentReport[] = [];
  const agent = createCommandAgent(
    { host: kernel.host, clock: systemClock },
    {
      command,
      input: 'text',
      env: {},
      report: 'descriptor',
      limits: {},
      restart: { budget: 0, delayMs: 10 },
      ...config,
    },
  );
  const agentId = AgentId.parse(randomUUID());
  let output = '';
  const run = agent.start(
    {
      agentId,
      directiveId: DirectiveId.parse(randomUUID()),
      name: 'tester',
      instruction: 'do it',
      context: { a: 1 },
      limits: {},
      workFolder,
      ...request,
    },
    {
      signal: abort.signal,
      onReport: (report) => reports.push(report),
      onOutput: (_stream, text) => {
        output += text;
      },
    },
  );
  return { run, abort, reports, agentId, output: () => output };
}
const sh = (script: string): CommandAgentConfig['command'] => ['/bin/sh', '-c', script];
const nodeJs = (script: string): CommandAgentConfig['command'] => [process.execPath, '-e', script];

describe('an agent is told its instruction', () => {
  test('on its input', async () => {
    const { result } = await spawn(sh('cat; echo; pwd; echo "$SKEIN_CONTEXT $SKEIN_ATTEMPT $HOME"')).run.done;
    expect(result).toEqual({
      response: `do it\n${workFolder}\n{"a":1} 1 ${workFolder}\n`,
      ...{ exitCode: 0, signal: null, truncated: false },
    });
  });

  test('as an argument that no shell reads', async () => {
    const { run } = spawn(['/bin/echo', 'told:'], { input: 'argument' }, { instruction: '$HOME `id`; *' });
    expect((await run.done).result.response).toBe('told: $HOME `id`; *\n');
  });

  test('as a line, and steered by more of them', async () => {
    const script = `
      const lines = require('readline').createInterface({ input: process.stdin });
      lines.on('line', (line) => { const { type, text } = JSON.parse(line); console.log(type, text); if (text === 'end') process.exit(0); });`;
    const { run, output } = spawn(nodeJs(script), { input: 'lines' });
    await until('it has its instruction', () => output().includes('instruction do it'));
    const from = NodeId.parse('a'.repeat(26));
    expect(await run.steer?.({ messageId: randomUUID(), from, text: 'left' })).toBe(true);
    expect(await run.steer?.({ messageId: randomUUID(), from, text: 'end' })).toBe(true);
    expect((await run.done).result.response).toBe('instruction do it\nmessage left\nmessage end\n');
    expect(await run.steer?.({ messageId: randomUUID(), from, text: 'late' })).toBe(false);
  });
});

test.each(['descriptor', 'stderr'] as const)(
  'what an agent reports on its %s is heard, through a restart',
  async (report) => {
    const script = `
    echo '{"usage":{"tokensIn":100,"toolCalls":1},"progress":"attempt '$SKEIN_ATTEMPT'"}' >&$SKEIN_REPORT_FD
    [ $SKEIN_ATTEMPT = 3 ] || kill -SEGV $$
    echo fine`;
    const { run, reports } = spawn(sh(script), { report, restart: { budget: 2, delayMs: 10 } });
    const { status, result, usage } = await run.done;
    expect([status, result.response, usage.tokensIn, usage.toolCalls]).toEqual(['completed', 'fine\n', 300, 3]);
    const merged = Object.assign({}, ...reports);
    expect(merged).toMatchObject({ restarts: 2, progress: 'attempt 3', usage: { tokensIn: 300 } });
  },
);

test('an agent that burns 500 ms and holds 64 MB is measured as such', async () => {
  const script = `const held = Buffer.alloc(64 * 2 ** 20, 1); const { cpuUsage } = process;
    while (cpuUsage().user + cpuUsage().system < 500_000); held[0]`;
  const { usage } = await spawn(nodeJs(script)).run.done;
  expect(usage.cpuMs).toBeGreaterThan(250);
  expect(usage.cpuMs).toBeLessThan(1_000);
  expect(usage.peakMemoryBytes).toBeGreaterThan(32 * 2 ** 20);
  expect(usage.peakMemoryBytes).toBeLessThan(2 * (64 + 60) * 2 ** 20); // the runtime itself takes some 60 MB
});

describe('with an agent ends its whole tree', () => {
  const families: [string, (word: string) => string][] = [
    ['children and grandchildren', (word) => `sh -c 'sleep ${word} & sleep ${word}; :' & sleep ${word}`],
    ['sessions of their own', (word) => `setsid sleep ${word} & setsid sh -c 'sleep ${word}; :' & sleep ${word}`],
    ['double forks', (word) => `(sleep ${word} &) ; (setsid sh -c '(sleep ${word} &)' &) ; sleep ${word}`],
    ['those that ignore TERM', (word) => `trap '' TERM; (setsid sleep ${word} &) ; sleep ${word} & sleep ${word}`],
  ];

  test.each(families)('when it is killed: %s', async (_name, script) => {
    const word = sleepWord();
    const { run, abort, agentId } = spawn(sh(script(word)), { restart: { budget: 5, delayMs: 10 } });
    await until('three sleep', () => pidsWithArgument(word).length >= 3);
    expect(kernel.tree.snapshot().roots[0]).toMatchObject({ kind: 'agent', agent: { agentId }, label: 'tester' });
    abort.abort(new Error('killed'));
    expect((await run.done).status).toBe('failed');
    expect(pidsWithArgument(word)).toEqual([]);
    expect(kernel.tree.list({ state: 'running' })).toEqual([]);
  });

  test.each(families)('when its time is up: %s', async (_name, script) => {
    const word = sleepWord();
    const { result } = await spawn(sh(script(word)), { limits: { timeoutMs: 400 } }).run.done;
    expect(result.error?.reason).toBe('agent_timed_out');
    expect(pidsWithArgument(word)).toEqual([]);
  });

  test.each(families)('when it ends by itself: %s', async (_name, script) => {
    const word = sleepWord();
    const own = script(word).replace(/sleep \S+$/, 'sleep 0.2; echo done');
    const { status, result } = await spawn(sh(own)).run.done;
    expect([status, result.response]).toEqual(['completed', 'done\n']);
    expect(pidsWithArgument(word)).toEqual([]);
  });

  test('when it takes too much memory', async () => {
    const word = sleepWord();
    const child = `setsid ${process.execPath} -e 'const held = Buffer.alloc(200 * 2 ** 20, 1); setInterval(() => held, 1000)' ${word} &`;
    const { run } = spawn(sh(`${child} sleep ${word}`), { limits: { memoryBytes: 128 * 2 ** 20 } });
    expect((await run.done).result.error?.reason).toBe('agent_memory_limit');
    expect(pidsWithArgument(word)).toEqual([]);
  });
});

test('output beyond the limit is dropped, and told', async () => {
  const { result } = await spawn(sh('head -c 100000 /dev/zero; echo'), { limits: { outputBytes: 1_000 } }).run.done;
  expect([result.response.length, result.truncated]).toEqual([1_000, true]);
});
