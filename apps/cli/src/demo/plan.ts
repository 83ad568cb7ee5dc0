/** What the demonstration is made of: what each node may run, what is asked of it, and what to do then. */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NodeId } from '@skein/contracts';
import type { CliContext } from '../context.ts';
import type { NodeDuties } from './node-child.ts';
import type { Order } from './orders.ts';
import type { DemoNode } from './swarm.ts';

/** Reads the note. It is there on every system that the embedded database runs on. */
const CAT = '/bin/cat';
const FORMATION = fileURLToPath(new URL('../../../../examples/programs/formation.sh', import.meta.url));
const INDEXER = fileURLToPath(new URL('../../../../examples/agents/index-folder.mjs', import.meta.url));
const NOTE = 'Only node-2 can read this.\n';
/** What the agent on node-3 reads. */
const NOTES: Readonly<Record<string, string>> = {
  'geese.txt': 'Geese\n\nA skein is a flock of geese in flight. Each goose flies by itself, and all keep formation.\n',
  'formation.txt':
    'Formation\n\nIn formation the goose in front breaks the wind, and the others save their strength.\n',
  'turns.txt':
    'Turns at the front\n\nThe front is hard work: when the first goose tires it falls back, and another leads.\n',
  'calls.txt': 'Calls\n\nThe geese behind call to those ahead, so that nobody is lost in fog or at night.\n',
};

/** What each node may run, in the order of the nodes: the first one only gives orders. */
export const dutiesOf = (): readonly NodeDuties[] => [
  { programs: [], agents: {} },
  { programs: [CAT], agents: {} },
  {
    programs: [FORMATION],
    agents: {
      'index-folder': {
        command: [process.execPath, INDEXER],
        input: 'text',
        description: 'reads a folder of text files and answers with an index of them',
      },
    },
  },
];

/** Makes the folders, with what is read there where it is not there yet: what somebody wrote stays. */
export function layOut(dataDir: string, cwd: string): string {
  const folder = resolve(cwd, dataDir);
  writeWhereMissing(workFolderIn(folder, 'node-2'), { 'note.txt': NOTE });
  const notes = join(workFolderIn(folder, 'node-3'), 'notes');
  mkdirSync(notes, { recursive: true, mode: 0o700 });
  writeWhereMissing(notes, NOTES);
  return folder;
}

function workFolderIn(folder: string, name: string): string {
  const nodeFolder = join(folder, name);
  const workFolder = join(nodeFolder, 'work');
  mkdirSync(nodeFolder, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  mkdirSync(workFolder, { recursive: true, mode: 0o700 });
  return workFolder;
}

function writeWhereMissing(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, name);
    if (!existsSync(file)) writeFileSync(file, text);
  }
}

/** Rests after each file, so that there is time to look at the agent's place in the process tree. */
const PACE_MS = 400;

export function ordersFor([first, second, third]: readonly DemoNode[]): Order[] {
  if (!first || !second || !third) return [];
  const message = { role: 'ROLE_USER' as const, parts: [{ text: 'node-1 gives its regards' }] };
  const version = { counter: 1, nodeId: first.nodeId as NodeId }; // as the node itself tells it
  return [
    { to: second, order: { kind: 'execute_task', payload: { command: ['cat', 'note.txt'] } } },
    { to: third, order: { kind: 'execute_task', payload: { command: ['formation.sh', 'node-3'] } }, streamed: true },
    {
      to: third,
      order: {
        kind: 'spawn_agent',
        payload: {
          agentType: 'index-folder',
          instruction: 'Index the text files in "notes".',
          context: { paceMs: PACE_MS },
          mode: 'wait',
        },
      },
      showsAgent: true,
    },
    {
      to: second,
      order: {
        kind: 'forward_message',
        payload: { to: { session: 'demo' }, message: { messageId: randomUUID(), ...message } },
      },
    },
    {
      to: third,
      order: {
        kind: 'sync_state',
        payload: { namespace: 'memory', entries: [{ key: 'leader', value: 'node-1', version }] },
      },
    },
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
    `${skein} spawn index-folder --to node-3 --wait 'Index "notes".'`,
    `${skein} topology`,
    `${skein} watch`,
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
