import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Clock, systemClock } from '@skein/contracts/runtime';
import { createMemoryLogger } from '@skein/contracts/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { cleanEnv, pidsWhere, pidsWithArgument, until } from '../testing/real-machine.ts';
import { createGuard } from './guard.ts';
import { createMemoryProcessTable } from './memory-process-table.ts';
import { createProcessHost } from './process-host.ts';

const clock: Clock = systemClock;
let wordCount = 0;
const sleepWord = () => {
  wordCount += 1;
  return `${80_000 + wordCount}.${process.pid}`;
};
const started: number[] = [];
afterEach(() => {
  for (const pid of started.splice(0)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // gone, as it should be
    }
  }
});

/** The guard as a node has it: in a process that is killed. The built package is what a node runs. */
const kernelPath = fileURLToPath(new URL('../../dist/index.js', import.meta.url));
const clockPath = fileURLToPath(new URL('../../../contracts/dist/runtime/index.js', import.meta.url));

function startNode(hostId: string, script: string) {
  if (!existsSync(kernelPath)) throw new Error('build the package first: a host is killed in a process of its own');
  const source = `
    import { createLocalKernel } from ${JSON.stringify(kernelPath)};
    import { systemClock } from ${JSON.stringify(clockPath)};
    const { host } = createLocalKernel({ hostId: ${JSON.stringify(hostId)}, clock: systemClock });
    const spec = { program: '/bin/sh', args: ['-c', ${JSON.stringify(script)}], cwd: '/', env: ${JSON.stringify(cleanEnv)} };
    await host.start(spec, { runId: 'one', label: 'one' });
    await host.start(spec, { runId: 'two', label: 'two' });
    process.stdout.write('up');
    setInterval(() => {}, 1000);
  `;
  const node = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (node.pid !== undefined) started.push(node.pid);
  return node;
}

const guardsOf = (hostId: string, nodePid: number) =>
  pidsWhere((args) => args.some((argument) => argument.startsWith(`SKEIN_RUN=${hostId}/${nodePid}.`)));

describe('when the node is killed', () => {
  test.each([
    ['children', 'sleep WORD & sleep WORD'],
    ['sessions of their own', 'setsid sleep WORD & sleep WORD'],
    ['orphans', '(setsid sleep WORD &) ; sleep WORD'],
    ['children without environment', 'env -i sleep WORD & sleep WORD'],
    ['orphans without environment in sessions of their own', '(setsid env -i sleep WORD &) ; sleep WORD'],
    ['children that ignore TERM', "trap '' TERM HUP; sleep WORD & sleep WORD"],
  ])('its guard kills %s', async (name, script) => {
    const word = sleepWord();
    const node = startNode(`death-${name.length}`, script.replaceAll('WORD', word));
    await until('four sleep', () => pidsWithArgument(word).length === 4);
    const nodePid = node.pid ?? 0;
    expect(guardsOf(`death-${name.length}`, nodePid)).toHaveLength(1);
    node.kill('SIGKILL');
    await until('nobody is left', () => pidsWithArgument(word).length === 0, 6_000);
    await until('the guard has gone too', () => guardsOf(`death-${name.length}`, nodePid).length === 0);
  });

  test('and its guard with it, the next start kills what they left, and says so', async () => {
    const word = sleepWord();
    const script = `(setsid sleep ${word} &) ; env -i sleep ${word} & sleep ${word}`;
    const node = startNode('bereft', script);
    await until('six sleep', () => pidsWithArgument(word).length === 6);
    // Stopped first, or it would start another guard.
    node.kill('SIGSTOP');
    for (const pid of guardsOf('bereft', node.pid ?? 0)) process.kill(pid, 'SIGKILL');
    node.kill('SIGKILL');
    await until('the node is gone', () => node.signalCode === 'SIGKILL');
    expect(pidsWithArgument(word)).toHaveLength(6);

    const logger = createMemoryLogger();
    await using host = createProcessHost({ hostId: 'bereft', clock, logger });
    const reaped = await host.reapOrphans();
    expect(pidsWithArgument(word)).toEqual([]);
    expect(reaped.map((run) => run.runId).toSorted()).toEqual(['one', 'two']);
    for (const run of reaped) expect(run.pids.length).toBeGreaterThanOrEqual(3);
    expect(await host.reapOrphans()).toEqual([]);
  });

  test('another node, or another life of it that still lives, is left alone', async () => {
    const word = sleepWord();
    startNode('alive', `sleep ${word} & sleep ${word}`);
    await until('four sleep', () => pidsWithArgument(word).length === 4);
    for (const hostId of ['alive', 'aliv', 'other']) {
      await using host = createProcessHost({ hostId, clock });
      expect(await host.reapOrphans()).toEqual([]);
    }
    expect(pidsWithArgument(word)).toHaveLength(4);
  });
});

test('an orphan is killed with its kin, a stranger is not', async () => {
  const table = createMemoryProcessTable();
  table.add({ pid: process.pid, startTicks: 50 });
  table.add({ pid: 900, startTicks: 60 }); // has the pid of the dead owner, but is not the owner
  table.add({ pid: 10, marker: 'host/900.7/run' });
  table.add({ pid: 11, parentPid: 10, sessionId: 11 });
  table.add({ pid: 12, sessionId: 10 });
  table.add({ pid: 20, marker: `host/${process.pid}.50/run` }); // of this life
  table.add({ pid: 21, marker: 'another/900.7/run' });
  await using host = createProcessHost({ hostId: 'host', clock, table });
  expect(await host.reapOrphans()).toEqual([{ runId: 'run', pids: [10, 11, 12] }]);
  expect([...table.processes.keys()]).toEqual([process.pid, 900, 20, 21]);
});

test('a guard that is lost is replaced, and one that was stopped is not', async () => {
  const logger = createMemoryLogger();
  const mark = `SKEIN_RUN=guarded-${process.pid}/`;
  const guards = () => pidsWithArgument(mark);
  const guard = createGuard({ logger }, { mark, toolPath: cleanEnv.PATH });
  guard.prepare();
  guard.protect({ sessionId: 2 ** 22 + 1, sockets: [] }); // a pid beyond the highest there can be
  const first = await until('a guard is there', () => guards()[0]);
  process.kill(first, 'SIGKILL');
  await until('another one is there', () => guards().some((pid) => pid !== first));
  expect(logger.lines.map((line) => line.message)).toEqual(['process guard was lost']);
  await guard.stop();
  await guard.stop();
  expect(guards()).toEqual([]);
});
