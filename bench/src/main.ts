import { parseArgs } from 'node:util';
import type { Figure } from './harness/figure.ts';
import { keep, report } from './harness/report.ts';

/** Figures by name, and names for several of them. Each is loaded when it is asked for: its peers are no light load. */
const figures: Readonly<Record<string, () => Promise<Figure>>> = {
  p1: async () => (await import('./p1-server.ts')).p1,
  p1d: async () => (await import('./p1d-durable.ts')).p1d,
  p2: async () => (await import('./p2-client.ts')).p2,
};

const groups: Readonly<Record<string, readonly string[]>> = { a2a: ['p1', 'p1d', 'p2'] };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '5' }, 'slice-ms': { type: 'string', default: '1500' } },
});
const [asked = 'a2a'] = positionals;
const names = groups[asked] ?? (figures[asked] ? [asked] : []);
if (names.length === 0) {
  console.error(
    `No figure is named ${asked}. There are: ${[...Object.keys(groups), ...Object.keys(figures)].join(', ')}`,
  );
  process.exit(2);
}
const settings = { rounds: Number(values.rounds), sliceMs: Number(values['slice-ms']) };
const verdicts: Record<string, boolean> = {};
for (const name of names) {
  const figure = await figures[name]?.();
  if (figure) verdicts[figure.name] = await report(figure, await figure.run(settings));
}
if (groups[asked]) await keep(asked, { figures: verdicts, settings });
const missed = Object.keys(verdicts).filter((name) => !verdicts[name]);
if (missed.length > 0) console.log(`Not every goal is reached: ${missed.join(', ')}`);
process.exitCode = missed.length > 0 ? 1 : 0;
