/**
 * Who has no time to wait is told. The client leaves an address with its message and goes; the agent posts there what
 * happens, in order, until somebody takes it.
 *
 *   npx tsc -b && node examples/push-receiver/main.mjs
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createAdaptorServer } from '@hono/node-server';
import { connectA2AClient, createPushReceiver, serveA2A } from '@skein/a2a-transport';

// The receiver: a Hono app, to be mounted wherever there is a door to the street.
const token = crypto.randomUUID(); // whoever has it may post here
const told = [];
let tries = 0;
let done;
const finished = new Promise((resolve) => {
  done = resolve;
});
const app = createPushReceiver({
  path: '/a2a-events',
  token,
  onEvent(event) {
    tries += 1;
    if (tries === 2) throw new Error('Busy just now'); // not acknowledged, so it comes again
    const { statusUpdate, artifactUpdate } = event;
    told.push(statusUpdate?.status.state ?? artifactUpdate?.artifact.parts[0].text ?? 'the task');
    console.log(`told ${told.at(-1)}`);
    if (statusUpdate?.status.state === 'TASK_STATE_COMPLETED') done();
  },
});
const receiver = createAdaptorServer({ fetch: app.fetch }).listen(0, '127.0.0.1');
await once(receiver, 'listening');
const origin = `http://127.0.0.1:${receiver.address().port}`;

// The agent. It posts to public https addresses, and beyond that only where its operator allows it.
const agent = await serveA2A(
  {
    card: { name: 'Baker' },
    push: { allow: [{ origin }], backoff: { baseMs: 50 } },
    async *executor() {
      yield { status: { state: 'TASK_STATE_WORKING' } };
      yield { artifact: { parts: [{ text: 'a loaf' }] } };
    },
  },
  { port: 0 },
);
const client = await connectA2AClient(agent.url);
try {
  const message = { messageId: crypto.randomUUID(), role: 'ROLE_USER', parts: [{ text: 'Bread, please' }] };
  const order = (url) => ({
    message,
    configuration: { returnImmediately: true, taskPushNotificationConfig: { url, token } },
  });
  await client.sendMessage(order(`${origin}/a2a-events`)); // answered as soon as the task exists
  await finished;
  assert.deepEqual(told, ['the task', 'TASK_STATE_WORKING', 'a loaf', 'TASK_STATE_COMPLETED']);
  assert.equal(tries, 5);

  // An agent is not to be sent into its operator's network, and a receiver takes nothing from strangers.
  const inward = client.sendMessage(order('http://169.254.169.254/latest/meta-data'));
  await assert.rejects(inward, /lead to a public address/);
  const stranger = await fetch(`${origin}/a2a-events`, { method: 'POST', body: '{}' });
  assert.equal(stranger.status, 401);
  console.log('nobody else is listened to');
} finally {
  await client.close();
  await agent.close();
  receiver.close();
}
