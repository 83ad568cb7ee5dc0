/**
 * An agent that asks back. It needs to know where to, and its turn ends: the answer starts the next one. Then the
 * traveller has to sign in with the airline, and that is not for an agent to see: it waits for it and goes on by itself.
 *
 *   npx tsc -b && node examples/multi-turn-agent/main.mjs
 */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { connectA2AClient, serveA2A, textOf } from '@skein/a2a-transport';

/** Says who has signed in, under the id of the task that needed it. */
const airline = new EventEmitter();

const ask = (state, text) => ({ status: { state, message: { parts: [{ text }] } } });

async function* book({ message, task, taskId }, { signal }) {
  // The first message. INPUT_REQUIRED ends this turn.
  if (!task) return yield ask('TASK_STATE_INPUT_REQUIRED', 'Where to?');

  // The next message of the same task; `task` is how it stood before, with all that was said.
  const signedIn = once(airline, taskId, { signal });
  yield ask('TASK_STATE_AUTH_REQUIRED', `Sign in at https://airline.example/sign-in?for=${taskId}`);
  const [traveller] = await signedIn; // AUTH_REQUIRED answers the client, and the work goes on
  yield { status: { state: 'TASK_STATE_WORKING' } };
  const text = `${traveller} flies to ${message.parts[0].text}`;
  yield { artifact: { name: 'ticket', parts: [{ text }] } };
}

const agent = await serveA2A({ card: { name: 'Travel agency' }, executor: book }, { port: 0 });
const client = await connectA2AClient(agent.url);
try {
  const asked = await client.sendMessage('A flight, please');
  const { id } = asked.task;
  console.log(`agent:     ${textOf(asked)}`);
  assert.equal(asked.task.status.state, 'TASK_STATE_INPUT_REQUIRED');

  // A message that names its task continues it.
  const answer = { messageId: crypto.randomUUID(), role: 'ROLE_USER', taskId: id, parts: [{ text: 'Lisbon' }] };
  const locked = await client.sendMessage({ message: answer });
  console.log(`traveller: Lisbon`);
  console.log(`agent:     ${textOf(locked).split('?')[0]}`);
  assert.equal(locked.task.status.state, 'TASK_STATE_AUTH_REQUIRED');

  // The traveller signs in elsewhere. Whoever watches the task hears how it goes on.
  const states = [];
  for await (const { task, statusUpdate } of client.subscribeToTask({ id })) {
    const { state } = (task ?? statusUpdate)?.status ?? {};
    if (state) states.push(state);
    if (task) airline.emit(id, 'Nils Holgersson');
  }
  assert.deepEqual(states, ['TASK_STATE_AUTH_REQUIRED', 'TASK_STATE_WORKING', 'TASK_STATE_COMPLETED']);

  const booked = await client.getTask({ id });
  console.log(`agent:     ${textOf({ task: booked })}`);
  assert.equal(textOf({ task: booked }), 'Nils Holgersson flies to Lisbon');
  // What was said stays with the task, question and answer.
  const said = booked.history.map(({ role, parts }) => `${role} ${parts[0].text.split('?')[0]}`);
  assert.deepEqual(said, [
    'ROLE_USER A flight, please',
    'ROLE_AGENT Where to',
    'ROLE_USER Lisbon',
    'ROLE_AGENT Sign in at https://airline.example/sign-in',
  ]);
} finally {
  await client.close();
  await agent.close();
}
