/**
 * A node as a process of its own, to be killed: it takes the folder that it is told, says what became of it, and then
 * writes rows and says each one that was acknowledged. Plain JavaScript on the built package: Node 20 runs no TypeScript.
 *
 *   node node-process.mjs FOLDER OWNER FIRST_ID
 *   stdin   go | write | stop
 *   stdout  one JSON object a line: ready, owned, refused, acknowledged, lost, stopped
 */
import { createInterface } from 'node:readline';
import { connect, startEmbeddedPostgres } from '../../../dist/index.js';

const [folder, owner, firstId] = process.argv.slice(2);
const say = (event, fields = {}) => process.stdout.write(`${JSON.stringify({ event, ...fields })}\n`);

let nextId = Number(firstId);
let writing = false;
let postgres;
let database;

async function write() {
  writing = true;
  await database.sql`create table if not exists acknowledged (id bigint primary key)`.catch(() => {});
  await Promise.all(Array.from({ length: 4 }, writer));
}

async function writer() {
  while (writing) {
    const id = nextId++;
    try {
      await database.sql`insert into acknowledged values (${id})`;
      say('acknowledged', { id });
    } catch {
      // Whether it was written is open: nothing was promised, so nothing is said.
    }
  }
}

const commands = {
  async go() {
    try {
      const startedAt = performance.now();
      postgres = await startEmbeddedPostgres({
        dataDir: folder,
        owner,
        onLost: ({ code }) => say('lost', { code }),
      });
      const tookMs = performance.now() - startedAt;
      database = await connect(postgres.connection, { applicationName: owner, maxConnections: 4 });
      say('owned', { how: postgres.how, pid: postgres.pid, tookMs, connection: postgres.connection });
    } catch (cause) {
      say('refused', { code: cause.code, owner: cause.owner, message: cause.message });
      process.exit(0);
    }
  },
  write,
  async stop() {
    writing = false;
    await database?.end();
    await postgres?.stop();
    say('stopped');
    process.exit(0);
  },
};

createInterface({ input: process.stdin }).on('line', (line) => void commands[line]());
say('ready');
