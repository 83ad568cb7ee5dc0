/** What the demonstration is made of: what each node may run, what is asked of it, and what to do then. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CliContext } from '../context.ts';
import type { Order } from './orders.ts';
import type { DemoNode } from './swarm.ts';

/** Reads the note. It is there on every system that the embedded database runs on. */
const CAT = '/bin/cat';
const FORMATION = fileURLToPath(new URL('../../../../examples/programs/formation.sh', import.meta.url));
const NOTE = 'Only node-2 can read this.\n';

/** An allow-list for each node: the first one only gives orders. */
export const programsOf = (): readonly (readonly string[])[] => [[], [CAT], [FORMATION]];

/** Makes the folder, with a note for node-2 where there is none: one that somebody wrote stays. */
export function layOut(dataDir: string, cwd: string): string {
  const folder = resolve(cwd, dataDir);
  const nodeFolder = join(folder, 'node-2');
  const workFolder = join(nodeFolder, 'work');
  mkdirSync(nodeFolder, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  mkdirSync(workFolder, { recursive: true, mode: 0o700 });
  const note = join(workFolder, 'note.txt');
  if (!existsSync(note)) writeFileSync(note, NOTE);
  return folder;
}

export function ordersFor([, second, third]: readonly DemoNode[]): Order[] {
  if (!second || !third) return [];
  return [
    { to: second, order: { kind: 'execute_task', payload: { command: ['cat', 'note.txt'] } } },
    { to: third, order: { kind: 'execute_task', payload: { command: ['formation.sh', 'node-3'] } }, streamed: true },
    { to: second, order: { kind: 'query_resources', payload: {} } },
    { to: third, order: { kind: 'query_resources', payload: {} } },
  ];
}

/** Where the swarm is, and the first things to try on it. */
export function howToGoOn(
  nodes: readonly DemoNode[],
  folder: string,
  { terminal: { color }, cwd }: CliContext,
): string {
  const there = nodes.map(({ child, address }) => {
    const dataDir = relative(cwd, child.dataDir) || '.';
    return `  ${child.name}  ${color.cyan(address)}  ${color.dim(dataDir.startsWith('..') ? child.dataDir : dataDir)}`;
  });
  const skein = existsSync(join(cwd, 'node_modules', '.bin', 'skein'))
    ? 'npx skein'
    : `node ${fileURLToPath(new URL('../../bin/skein.mjs', import.meta.url))}`;
  const tries = [
    // What the command line finds by itself need not be said.
    ...(folder === resolve(cwd, '.skein') ? [] : [`export SKEIN_DATA_DIR=${join(folder, 'node-1')}`]),
    `${skein} nodes`,
    `${skein} dispatch --to node-2 -- cat note.txt`,
    `${skein} dispatch --to node-3 -- formation.sh here`,
    `${skein} directives`,
  ];
  return [
    '',
    `  ${color.bold('The swarm is up')}  ${color.dim('until Ctrl-C')}`,
    '',
    ...there,
    '',
    `  ${color.dim('From another terminal in this folder:')}`,
    '',
    ...tries.map((line) => `    ${line}`),
    '',
  ].join('\n');
}
