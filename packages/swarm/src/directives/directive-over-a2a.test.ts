/** A directive as any A2A client of its sender sees it: a task that is the inbox row, and nothing beside it. */
import { createA2AClient } from '@skein/a2a-transport';
import { systemRandom } from '@skein/contracts/runtime';
import { expect, test } from 'vitest';
import { issueCallToken } from '../security/call-token.ts';
import { createTestRunner, createTestSwarm, type TestMember, type TestSwarm } from '../testing/index.ts';
import { awaited, startJoined } from '../testing/test-members.ts';

/** A client that signs with the key of one node and calls another. */
function clientOf(swarm: TestSwarm, caller: TestMember, called: TestMember) {
  const { clock, http } = swarm;
  const audience = called.identity.nodeId;
  return createA2AClient({
    ...{ endpoint: `${called.origin}/a2a`, http, clock },
    authorize: async ({ body }) => {
      const token = issueCallToken({ identity: caller.identity, clock }, { audience, body, jti: systemRandom.uuid() });
      return { authorization: `Bearer ${token}` };
    },
  });
}

/** Programs that run until they are killed, or until `letGo`. */
async function started(swarm: TestSwarm) {
  let letGo = () => {};
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const runner = createTestRunner(async (_args, signal) => {
    await Promise.race([gate, new Promise((_, reject) => signal.addEventListener('abort', reject, { once: true }))]);
    return 0;
  });
  async function* executor() {} // so that the node takes plain messages and sends push notifications
  const options = { runner, policy: { allowedPrograms: ['/bin/echo'] }, executor: { execute: executor } };
  const [sender, receiver, other] = await startJoined(swarm, {}, options, {});
  if (!receiver || !other) throw new Error('three were started');
  const sent = await sender.node.submit({
    ...{ kind: 'execute_task', target: receiver.identity.nodeId, payload: { command: ['echo'] } },
  });
  await swarm.until(() => runner.started.length === 1);
  const row = await receiver.stores.inbox.find({ sourceNodeId: sender.identity.nodeId, id: sent.id });
  if (!row) throw new Error('what runs has a row');
  return { sender, receiver, other, id: sent.id, taskId: row.rowId, letGo: () => letGo() };
}

test('its task outlives the process, with its context, its result and its state', async () => {
  await using swarm = await createTestSwarm();
  const { sender, receiver, id, taskId, letGo } = await started(swarm);
  const client = clientOf(swarm, sender, receiver);
  const task = () => awaited(swarm, client.getTask({ id: taskId }));
  expect(await task()).toMatchObject({ id: taskId, contextId: id, status: { state: 'TASK_STATE_WORKING' } });
  letGo();
  await swarm.until(async () => (await sender.node.getDirective(id))?.directive.status === 'completed');
  const before = await task();
  expect(before).toMatchObject({ contextId: id, status: { state: 'TASK_STATE_COMPLETED' }, artifacts: [{}] });
  receiver.kill();
  await (await receiver.restart()).start();
  await swarm.pass(2_000); // tokens of before the start are refused
  expect(await task()).toEqual(before);
});

test('A2A’s CancelTask kills what runs, and nothing that follows makes it anything else', async () => {
  await using swarm = await createTestSwarm();
  const { sender, receiver, id, taskId, letGo } = await started(swarm);
  const client = clientOf(swarm, sender, receiver);
  const cancelled = await awaited(swarm, client.cancelTask({ id: taskId }));
  expect(cancelled.status.state).toBe('TASK_STATE_CANCELED');
  letGo();
  await swarm.pass(30_000);
  expect((await awaited(swarm, client.getTask({ id: taskId }))).status.state).toBe('TASK_STATE_CANCELED');
  expect((await sender.node.getDirective(id))?.directive).toMatchObject({ status: 'cancelled' });
  expect((await receiver.node.getDirective(id, 'inbox'))?.directive).toMatchObject({
    ...{ status: 'cancelled', result: { started: true } },
  });
});

test('an unknown task is an error, to get and to cancel', async () => {
  await using swarm = await createTestSwarm();
  const { sender, receiver } = await started(swarm);
  const client = clientOf(swarm, sender, receiver);
  for (const ask of [client.getTask, client.cancelTask])
    await expect(awaited(swarm, ask({ id: 'no-such-task' }))).rejects.toMatchObject({
      code: 'RPC_ERROR',
      rpc: { reason: 'TASK_NOT_FOUND' },
    });
});

test('it takes no messages and posts nothing, which its sender is told; to any other node it is unknown', async () => {
  await using swarm = await createTestSwarm();
  const { sender, receiver, other, taskId } = await started(swarm);
  const message = { messageId: 'm', role: 'ROLE_USER' as const, parts: [{ text: 'faster' }], taskId };
  const config = { taskId, url: 'https://hooks.example/' };
  const answers = async (caller: TestMember) => {
    const client = clientOf(swarm, caller, receiver);
    const calls = [client.sendMessage({ message }), client.createTaskPushNotificationConfig(config)];
    const ended = await awaited(swarm, Promise.allSettled<unknown>(calls));
    return ended.map((end) => (end.status === 'rejected' ? end.reason.rpc?.reason : 'answered'));
  };
  expect(await answers(sender)).toEqual(['UNSUPPORTED_OPERATION', 'PUSH_NOTIFICATION_NOT_SUPPORTED']);
  expect(await answers(other)).toEqual(['TASK_NOT_FOUND', 'TASK_NOT_FOUND']);
});
