/**
 * An A2A agent in ten lines, and whoever calls it in three. It knows nothing of swarms: this is all that there is.
 *
 *   npx tsc -b && node examples/ten-line-agent/main.mjs
 */
import assert from 'node:assert/strict';
import { connectA2AClient, serveA2A, textOf } from '@skein/a2a-transport';

const agent = await serveA2A(
  {
    card: { name: 'Shouter', description: 'Says it louder' },
    async *executor({ message }) {
      const text = message.parts.map((part) => part.text ?? '').join(' ');
      yield { artifact: { parts: [{ text: text.toUpperCase() }] } }; // returning completes the task
    },
  },
  { port: 0 }, // any free one
);

const client = await connectA2AClient(agent.url);
const answer = await client.sendMessage('a skein of geese');
console.log(textOf(answer));

assert.equal(textOf(answer), 'A SKEIN OF GEESE');
assert.equal(answer.task.status.state, 'TASK_STATE_COMPLETED');

await client.close();
await agent.close();
