/**
 * An agent that answers piece by piece, and readers that come, leave and come back: they all hear the same events in the
 * same order, and the work goes on whether anybody listens or not.
 *
 *   npx tsc -b && node examples/streaming-agent/main.mjs
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectA2AClient, serveA2A, textOf } from '@skein/a2a-transport';

const poem = ['Wild geese in the dusk;', 'the one in front falls back now,', 'another takes its place.'];

/** Each piece continues the artifact that the first one began, for they have one id. */
async function* recite(_request, { signal }) {
  yield { status: { state: 'TASK_STATE_WORKING', message: { parts: [{ text: 'Let me think' }] } } };
  for (const [index, line] of poem.entries()) {
    await sleep(50, undefined, { signal }); // aborts when the task is cancelled, never when a reader leaves
    const artifact = { artifactId: 'poem', parts: [{ text: `${line}\n` }] };
    yield { artifact, append: index > 0, lastChunk: index === poem.length - 1 };
  }
}

const agent = await serveA2A({ card: { name: 'Poet' }, executor: recite }, { port: 0 });
const client = await connectA2AClient(agent.url);
try {
  // The task comes first, then what happens to it. This reader leaves in the middle.
  let task;
  let heard = 0;
  for await (const event of client.sendStreamingMessage('A poem, please')) {
    heard += 1;
    task ??= event.task;
    if (event.statusUpdate) console.log(`it says   ${event.statusUpdate.status.message.parts[0].text}`);
    if (!event.artifactUpdate) continue;
    console.log(`it writes ${event.artifactUpdate.artifact.parts[0].text.trimEnd()}`);
    break;
  }
  assert.equal(task.status.state, 'TASK_STATE_SUBMITTED');

  // Events are numbered, so that a reader who comes back hears the rest and nothing twice.
  const rest = [];
  for await (const event of client.subscribeToTask({ id: task.id, lastEventId: `${task.id}/${heard}` })) {
    if (event.artifactUpdate) console.log(`it writes ${event.artifactUpdate.artifact.parts[0].text.trimEnd()}`);
    rest.push(event);
  }
  assert.equal(rest.length, 3);
  assert.equal(rest[2].statusUpdate.status.state, 'TASK_STATE_COMPLETED');

  // And whoever comes when all is over reads it in one piece.
  const whole = await client.getTask({ id: task.id });
  assert.equal(textOf({ task: whole }), `${poem.join('\n')}\n`);
  console.log(`in all    ${whole.artifacts[0].parts.length} pieces of one artifact`);
} finally {
  await client.close();
  await agent.close();
}
