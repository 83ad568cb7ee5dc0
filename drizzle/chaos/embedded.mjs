/**
 * The long run of the embedded database: `node drizzle/chaos/embedded.mjs [kills] [races]` on the built package.
 * Prints its figures and ends with 1 when a promise was broken.
 */
import { systemRandom } from '@skein/contracts/runtime';
import { killKinds, runKills } from '../dist/testing/embedded/kills.js';
import { runRaces } from '../dist/testing/embedded/races.js';
import { makeTestFolder } from '../dist/testing/embedded/test-folder.js';

const kills = Number(process.argv[2] ?? 200);
const races = Number(process.argv[3] ?? 50);

await using_(async (folder) => {
  const slowestMs = {};
  const rounds = Array.from({ length: kills }, (_, round) => killKinds[round % killKinds.length]);
  const onRound = (kind, ms) => {
    slowestMs[kind] = Math.max(slowestMs[kind] ?? 0, ms);
  };
  const figures = await runKills({ folder, rounds, random: systemRandom, onRound });
  console.log('kills', figures, 'slowest by kind (with the new process)', slowestMs);
  if (figures.lostRows > 0 || figures.processesLeft > 0) process.exitCode = 1;
});

await using_(async (folder) => {
  const contenders = Array.from({ length: races }, (_, race) => (race % 2 ? 4 : 2));
  const figures = await runRaces({ folder, contenders });
  console.log('races', figures);
  if (figures.withoutOneOwner > 0 || figures.unnamedRefusals > 0) process.exitCode = 1;
});

/** `await using` for a Node 20 that has no such word. */
async function using_(body) {
  const folder = await makeTestFolder();
  try {
    await body(folder.path);
  } finally {
    await folder[Symbol.asyncDispose]();
  }
}
