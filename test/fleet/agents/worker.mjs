/**
 * An agent for tests: it uses what its context tells it to use, and its answer says what that really was.
 *
 *   { increments?: Usage[], everyMs?, burnMs?, holdMiB?, stays?: boolean }
 *
 * Each increment is reported in a line of its own, `everyMs` apart; then it burns CPU until it has used `burnMs`. One
 * that stays goes on until the word `end`. Any other word it reports as progress, without a figure.
 */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const reportFd = Number(process.env.SKEIN_REPORT_FD);
const report = (line) => writeSync(reportFd, `${JSON.stringify(line)}\n`);

const heard = [];
const lines = createInterface({ input: process.stdin });
const instruction = resolvers();
const toldToEnd = resolvers();
lines.on('line', (line) => {
  const { type, text, context = {} } = JSON.parse(line);
  if (type === 'instruction') instruction.resolve(context);
  else if (text === 'end') toldToEnd.resolve();
  else {
    heard.push(text);
    report({ progress: `heard ${text}` });
  }
});

const { increments = [], everyMs = 0, burnMs = 0, holdMiB = 0, stays = false } = await instruction.promise;
const held = Buffer.alloc(holdMiB * 2 ** 20, 1); // filled, so that every page of it is really there
for (const usage of increments) {
  report({ usage });
  await sleep(everyMs);
}
while (usedCpuMs() < burnMs);
report({ progress: 'did its work' });
if (stays) await toldToEnd.promise;

const { maxRSS } = process.resourceUsage();
process.stdout.write(
  JSON.stringify({ cpuMs: usedCpuMs(), peakMemoryBytes: maxRSS * 1_024, heldBytes: held.length, heard }),
);
lines.close();
process.stdin.destroy();

function usedCpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** Node 20 has no Promise.withResolvers. */
function resolvers() {
  let resolve;
  const promise = new Promise((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
