import { randomUUID } from 'node:crypto';
import { AgentId, DirectiveId, NodeId } from '@skein/contracts';
import { silentLogger, systemClock } from '@skein/contracts/runtime';
import { createLocalKernel } from '@skein/remote-kernel';
import type { AgentReport } from '@skein/swarm';
import { expect, test } from 'vitest';
import { AgentConfigs } from '../config/agent-config.ts';
import { createAgentRuntimes } from './agent-runtime.ts';

const agents = AgentConfigs.parse({
  echo: {
    command: ['/bin/sh', '-c', 'cat; echo \'{"usage":{"tokensIn":3},"progress":"half"}\' >&3'],
    description: 'says it',
  },
  chat: { command: ['/bin/sh', '-c', 'read a; read b; echo "$b"'], input: 'lines' },
});

test('what a configuration names can be spawned, and answers as the port promises', async () => {
  await using kernel = createLocalKernel({ hostId: 'testhost', clock: systemClock });
  const runtimes = createAgentRuntimes(agents, { host: kernel.host, clock: systemClock, logger: silentLogger });
  expect(Object.keys(runtimes)).toEqual(['echo', 'chat']);
  expect([runtimes.constructor, runtimes.echo?.description, runtimes.chat?.description]).toEqual([
    undefined,
    'says it',
    undefined,
  ]);
  const reports: AgentReport[] = [];
  let said = '';
  const spawn = (agentType: string) =>
    runtimes[agentType]?.start(
      {
        ...{ agentType, name: 'n', instruction: 'hello', context: {}, limits: {}, workFolder: '/' },
        ...{ agentId: AgentId.parse(randomUUID()), directiveId: DirectiveId.parse(randomUUID()) },
        spawnedBy: NodeId.parse('a'.repeat(26)),
      },
      {
        signal: new AbortController().signal,
        onReport: (report) => reports.push(report),
        onOutput: (_stream, text) => {
          said += text;
        },
      },
    );
  const echo = spawn('echo');
  expect(await echo?.done).toMatchObject({
    status: 'completed',
    result: { response: 'hello', exitCode: 0 },
    usage: { tokensIn: 3 },
  });
  expect([said, Object.assign({}, ...reports).progress, echo?.steer]).toEqual(['hello', 'half', undefined]);

  const chat = spawn('chat');
  const word = { messageId: 'm', from: NodeId.parse('b'.repeat(26)), text: 'left' };
  while (!(await chat?.steer?.(word))) await systemClock.sleep(10);
  expect(JSON.parse((await chat?.done)?.result.response ?? '')).toEqual({ type: 'message', ...word });
});
