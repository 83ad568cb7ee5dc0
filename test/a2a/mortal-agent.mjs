/**
 * An agent that a test leads and kills. It works as the test tells it, step by step, and keeps its tasks on PostgreSQL.
 * Where it may stand still is between the server and its store, wrapped from outside; the product has no such place.
 */
import { createInterface } from 'node:readline';
import { serveA2A } from '@skein/a2a-transport';
import { connect, createPostgresA2AStores } from '@skein/drizzle';

const { target, port, receiver } = JSON.parse(process.argv[2]);
const tell = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);

const told = [];
let wake = () => {};
/** Where the next commit stands still: `before` it is made, or `after` it, when nobody has been told. */
let hold;
createInterface({ input: process.stdin }).on('line', (line) => {
  const command = JSON.parse(line);
  if ('hold' in command) hold = command.hold;
  else told.push(command.yield);
  wake();
});

async function nextEvent() {
  while (told.length === 0) await new Promise((resolve) => (wake = resolve));
  return told.shift();
}

const forEver = () => {
  tell({ held: hold });
  return new Promise(() => {});
};

async function* executor({ message, task }) {
  const [{ text }] = message.parts;
  if (text === 'ask' && !task) {
    return yield { status: { state: 'TASK_STATE_INPUT_REQUIRED', message: { parts: [{ text: 'Which one?' }] } } };
  }
  if (task) return yield { artifact: { artifactId: 'answer', parts: [{ text: `So it is ${text}` }] } };
  yield { status: { state: 'TASK_STATE_WORKING' } };
  for (;;) yield await nextEvent();
}

// The server of a test run is to be thrown away.
const database = await connect(target, { applicationName: 'mortal agent', maxConnections: 4, allowUnsafe: true });
const { tasks, pushConfigs } = createPostgresA2AStores(database, { agent: 'mortal' });
const taskStore = {
  ...tasks,
  async commit(step) {
    if (hold === 'before') return forEver();
    await tasks.commit(step);
    if (hold === 'after') return forEver();
  },
};
const served = await serveA2A(
  {
    card: { name: 'Mortal' },
    executor,
    taskStore,
    // It never gives a receiver up: how often one refuses is the test's affair.
    push: {
      configs: pushConfigs,
      allow: [{ origin: receiver }],
      maxFailures: 1_000,
      backoff: { baseMs: 5, capMs: 20 },
    },
  },
  { port },
);
tell({ listening: served.listening });
