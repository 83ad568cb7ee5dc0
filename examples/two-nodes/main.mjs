/**
 * Two nodes in one program. North makes a join token, south joins with it and registers what it can do: a tool and a
 * handler. North then has both carried out over A2A, as it would with a node on another machine. In memory: nothing stays.
 *
 *   npx tsc -b && node examples/two-nodes/main.mjs
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { createNodeIdentity, createSwarmNode, localTiming } from '@skein/swarm';
import { z } from 'zod';

const folder = await mkdtemp(join(tmpdir(), 'skein-two-nodes-'));
const endings = [() => rm(folder, { recursive: true })];

/** The port comes first, because others know a node by its addresses; the node answers there once it exists. */
async function startNode(name) {
  let node;
  const server = createAdaptorServer({ fetch: (request, env) => node.app.fetch(request, env) });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  endings.push(() => server.close());
  const origin = `http://127.0.0.1:${server.address().port}`;
  node = await createSwarmNode({
    name,
    addresses: [origin],
    identity: createNodeIdentity(), // a node is its key: keep it where the node is to come back as the same one
    workFolder: join(folder, name),
    timing: localTiming,
  });
  endings.push(() => node.stop());
  await node.start();
  return { node, origin };
}

try {
  const { node: north, origin } = await startNode('north');
  const { node: south } = await startNode('south');

  const { token } = await north.createJoinToken();
  const seed = await south.join(origin, { token });
  console.log(`south joined ${seed.name}, which it knows as ${seed.tier}`);

  // A tool is a function that any node of the swarm may call by its name. To register it is to allow it.
  south.registerTool('measure', {
    description: 'counts the words of a text',
    input: z.object({ text: z.string() }), // what does not fit never reaches the tool
    run({ text }, { output, use }) {
      output('counting\n');
      use({ tokensIn: text.length });
      return { words: text.split(/\s+/).length };
    },
  });

  // A handler carries out a whole kind of directive: this one answers a message, where a node puts it into a mailbox.
  south.registerHandler('forward_message', async ({ message }, { sourceNodeId }) => {
    const [part] = message.parts;
    return { status: 'completed', output: { echo: part.text, heardFrom: sourceNodeId } };
  });

  let said = '';
  let measured;
  const task = { tool: 'measure', args: { text: 'a skein is a flock of geese in flight' } };
  for await (const update of north.dispatchStream({ kind: 'execute_task', target: south.id, payload: task })) {
    if (update.type === 'output') said += update.text; // as it comes, before the tool has returned
    if (update.type === 'result') measured = update.result;
  }
  const { status, output, metrics } = measured;
  console.log(`tool          ${status}  ${JSON.stringify(output)}  ${metrics.tokensIn} tokens in`);
  assert.equal(status, 'completed');
  assert.deepEqual(output, { words: 9 });
  assert.equal(metrics.tokensIn, 37);
  assert.equal(said, 'counting\n');

  const message = { messageId: crypto.randomUUID(), role: 'ROLE_USER', parts: [{ text: 'are you there?' }] };
  const mail = { to: { session: 'hello' }, message };
  const answer = await north.dispatch({ kind: 'forward_message', target: south.id, payload: mail });
  console.log(`handler       ${answer.status}  ${JSON.stringify(answer.output)}`);
  assert.deepEqual(answer.output, { echo: 'are you there?', heardFrom: north.id });

  // Whatever befalls a directive is in its result, with a reason for programs: nothing is thrown for it.
  const refused = await north.dispatch({ kind: 'execute_task', target: south.id, payload: { tool: 'unknown' } });
  console.log(`no such tool  ${refused.status}   ${refused.error?.reason}`);
  assert.equal(refused.error?.reason, 'tool_not_registered');
} finally {
  for (const end of endings.reverse()) await end();
}
