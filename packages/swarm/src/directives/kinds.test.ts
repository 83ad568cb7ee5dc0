/** Each kind from one node's desk to the other's handler, through the endpoint that the other one's card names. */
import { type DirectiveKind, DirectiveKind as Kinds, NodeId, noUsage, type Order } from '@skein/contracts';
import type { Message } from '@skein/contracts/a2a';
import { expect, test } from 'vitest';
import type { SwarmNode } from '../swarm-node.ts';
import { createTestRunner, createTestSwarm } from '../testing/index.ts';
import { awaited, startJoined } from '../testing/test-members.ts';
import { createTestRuntime } from '../testing/test-runtime.ts';

const entry = { key: 'k', value: { deep: [1, null] }, version: { counter: 3, nodeId: NodeId.parse('a'.repeat(26)) } };
const message: Message = { messageId: 'm-1', role: 'ROLE_USER', parts: [{ text: 'hello' }], contextId: 'thread' };

/** Every field of every payload is set to something that would be missed. */
const orders: { [K in DirectiveKind]: Extract<Order, { kind: K }> } = {
  execute_task: {
    kind: 'execute_task',
    payload: { command: ['echo', 'a b'], cwd: '.', env: { LANG: 'C' }, stdin: 'in', timeoutMs: 5_000 },
  },
  spawn_agent: {
    kind: 'spawn_agent',
    payload: { agentType: 'worker', instruction: 'work', name: 'w', context: { a: [1] }, mode: 'wait' },
  },
  query_resources: { kind: 'query_resources', payload: { since: '2026-01-01T00:00:00.000Z' } },
  forward_message: { kind: 'forward_message', payload: { to: { session: 's' }, message, contextId: 'other' } },
  sync_state: { kind: 'sync_state', payload: { namespace: 'memory', entries: [entry], since: 0 } },
};
const worker = createTestRuntime();
const options = {
  policy: { allowedPrograms: ['/bin/echo'], allowedVariables: ['LANG'] },
  agentRuntimes: { worker },
};

/** A handler of the program's own for every kind, which notes what it is given and by whom. */
function noteAll(node: SwarmNode) {
  const given: unknown[] = [];
  for (const kind of Kinds.options)
    node.registerHandler(kind, async (payload, { sourceNodeId, directiveId }) => {
      given.push({ kind, payload, sourceNodeId, directiveId });
      return { status: 'completed', output: `${kind} was carried out`, usage: noUsage };
    });
  return given;
}

test.each(Kinds.options)('%s reaches its handler with the payload that was given', async (kind) => {
  await using swarm = await createTestSwarm();
  const runner = createTestRunner(async () => 0);
  const [sender, receiver] = await startJoined(swarm, {}, { ...options, runner });
  if (!receiver) throw new Error('two were started');
  const given = noteAll(receiver.node);
  const result = await awaited(swarm, sender.node.dispatch({ ...orders[kind], target: receiver.identity.nodeId }));
  expect(result).toMatchObject({ status: 'completed', output: `${kind} was carried out` });
  const { directiveId } = result;
  expect(given).toEqual([{ ...orders[kind], sourceNodeId: sender.identity.nodeId, directiveId }]);
});

test('the handlers that ship carry out all five kinds', async () => {
  await using swarm = await createTestSwarm();
  const runner = createTestRunner(async (args, _signal, print) => {
    print(args.join(' '));
    return 0;
  });
  const [sender, receiver] = await startJoined(swarm, {}, { ...options, runner });
  if (!receiver) throw new Error('two were started');
  const outputs: Record<string, unknown> = {};
  for (const kind of Kinds.options) {
    const started = worker.runs.length;
    const sent = sender.node.dispatch({ ...orders[kind], target: receiver.identity.nodeId });
    if (kind === 'spawn_agent') {
      await swarm.until(() => worker.runs.length > started);
      worker.runs.at(-1)?.complete('the agent says so');
    }
    const { status, output } = await awaited(swarm, sent);
    outputs[kind] = { status, output };
  }
  expect(outputs).toMatchObject({
    execute_task: { status: 'completed', output: { exitCode: 0, stdout: 'a b' } },
    spawn_agent: { status: 'completed', output: { mode: 'wait', response: 'the agent says so' } },
    query_resources: { status: 'completed', output: { nodeId: receiver.identity.nodeId } },
    forward_message: { status: 'completed', output: { recipient: { session: 's' } } },
    sync_state: { status: 'completed', output: { namespace: 'memory', merged: 1, refused: [] } },
  });
  expect(await receiver.node.listMail({ session: 's' }, {})).toMatchObject([{ message, contextId: 'other' }]);
  expect(await receiver.node.getState('memory', 'k')).toMatchObject({ value: entry.value, version: entry.version });
});
