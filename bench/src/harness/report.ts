import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Figure, type FigureResult, isReached, isValid, ratioOf, type Section } from './figure.ts';
import { canPin } from './pinned.ts';

const fixed = (value: number, digits: number) => value.toFixed(digits);

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  ');
  return rows.map((row) => `  ${line(row)}`.trimEnd()).join('\n');
}

function describe(section: Section): string {
  const { title, measured, goals, known } = section;
  const rates = table([
    ['', 'a second', 'p50 ms', 'p99 ms', 'core µs', 'rounds'],
    ...measured.map(({ name, perSecond, p50Ms, p99Ms, coreUs, rounds }) => [
      name,
      fixed(perSecond, 0),
      fixed(p50Ms, 2),
      fixed(p99Ms, 2),
      fixed(coreUs, 1),
      rounds.join(' '),
    ]),
  ]);
  const verdicts = goals.map((goal) => {
    const { ours, against, atLeast } = goal;
    const verdict = isReached(section, goal) ? 'reached' : 'MISSED';
    return [`${ours} / ${against}`, fixed(ratioOf(section, ours, against), 2), `goal ≥ ${atLeast}`, verdict];
  });
  const checks = known.map((each) => {
    const { peer, limit, ratio } = each;
    const verdict = isValid(section, each) ? 'as known' : 'INVALID';
    return [`${peer} / ${limit}`, fixed(ratioOf(section, peer, limit), 3), `known  ${fixed(ratio, 3)}`, verdict];
  });
  return `${title}\n${rates}\n${table([...verdicts, ...checks])}\n`;
}

/** Prints a figure as tables, each ratio beside its goal, and keeps it in `results/`. Tells whether all went well. */
export async function report({ name, title }: Figure, result: FigureResult): Promise<boolean> {
  const { sections, notes } = result;
  const pinning = canPin ? 'servers on core 0, load on core 1' : 'no taskset here: nothing is pinned to a core';
  console.log(`\n${name}: ${title}\n${[pinning, ...notes].map((note) => `  (${note})`).join('\n')}\n`);
  for (const section of sections) console.log(describe(section));
  const valid = sections.every((section) => section.known.every((each) => isValid(section, each)));
  const reached = sections.every((section) => section.goals.every((goal) => isReached(section, goal)));
  const verdicts = sections.map((section) => ({
    title: section.title,
    measured: section.measured,
    goals: section.goals.map((goal) => ({
      ...goal,
      ratio: ratioOf(section, goal.ours, goal.against),
      reached: isReached(section, goal),
    })),
    known: section.known.map((each) => ({
      ...each,
      measured: ratioOf(section, each.peer, each.limit),
      valid: isValid(section, each),
    })),
  }));
  await keep(name, { figure: name, title, machine: machine(), notes: [pinning, ...notes], valid, reached, verdicts });
  if (!valid) console.log(`${name}: invalid: a peer is more than 40 % off what is known of it. Is the machine quiet?`);
  return valid && reached;
}

function machine() {
  const [first] = cpus();
  return { node: process.version, cores: cpus().length, cpu: first?.model ?? 'unknown', at: new Date().toISOString() };
}

/** `results/<name>.json`, beside the sources. */
export async function keep(name: string, content: object): Promise<void> {
  const folder = fileURLToPath(new URL('../../results/', import.meta.url));
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}${name.toLowerCase()}.json`, `${JSON.stringify(content, null, 2)}\n`);
}
