/** `pnpm fuzz --runs 1000000 [--seed N] [--in-process]`: as long as it is asked to, over real HTTP. */
import { parseArgs } from 'node:util';
import { fuzz } from './run.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    'in-process': { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
const runs = Number(values.runs);
const began = performance.now();
const seconds = () => Math.round((performance.now() - began) / 1_000);
console.log(`seed ${seed}: ${runs} requests ${values['in-process'] ? 'in process' : 'over HTTP'}`);
try {
  let told = 0;
  const report = await fuzz({
    ...{ runs, seed, overHttp: !values['in-process'] },
    onProgress({ requests, worstLagMs }) {
      if (seconds() - told < 10) return;
      told = seconds();
      const heapMb = Math.round(process.memoryUsage().heapUsed / 1_048_576);
      console.log(`${requests} requests in ${told} s, loop held up ${Math.round(worstLagMs)} ms, heap ${heapMb} MB`);
    },
  });
  for (const [answer, count] of Object.entries(report.answers).sort(([a], [b]) => (a < b ? -1 : 1)))
    console.log(`${String(count).padStart(9)}  ${answer}`);
  console.log(
    `${report.requests} requests in ${seconds()} s, loop held up ${Math.round(report.worstLagMs)} ms at the worst`,
  );
  if (report.worstLagMs >= 200) throw new Error('The loop was held up for 200 ms or longer');
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
