/** The plan of the house: which room may import which, and what is allowed beside the rules. Siblings never meet. */

export interface Room {
  /** The package's name. */
  name: string;
  /** The folders of the rooms that it may import. */
  mayImport: readonly string[];
}

const contracts = 'packages/contracts';
const transport = 'packages/a2a-transport';
const swarm = 'packages/swarm';
const kernel = 'packages/remote-kernel';

/** By folder. A package that is not here has no place in the house. */
export const rooms: Readonly<Record<string, Room>> = {
  [contracts]: { name: '@skein/contracts', mayImport: [] },
  [transport]: { name: '@skein/a2a-transport', mayImport: [contracts] },
  [swarm]: { name: '@skein/swarm', mayImport: [contracts, transport] },
  [kernel]: { name: '@skein/remote-kernel', mayImport: [contracts] },
  drizzle: { name: '@skein/drizzle', mayImport: [contracts, transport, swarm, kernel] },
  'apps/server': { name: '@skein/server', mayImport: [contracts, transport, swarm, kernel, 'drizzle'] },
  'apps/cli': { name: '@skein/cli', mayImport: [contracts] },
  examples: { name: '@skein/examples', mayImport: [contracts, transport, swarm] },
  bench: { name: '@skein/bench', mayImport: [contracts, transport, 'drizzle'] },
};

export type Rule =
  | 'arrow'
  | 'door'
  | 'circle'
  | 'star'
  | 'environment'
  | 'console'
  | 'time'
  | 'signal'
  | 'state'
  | 'fence'
  | 'version';

export interface Violation {
  rule: Rule;
  /** From the root of the repository, with slashes. */
  file: string;
  line: number;
  message: string;
}

/** A file of the house, as the rules see it: nothing here touches a disk. */
export interface SourceFile {
  file: string;
  source: string;
}

export interface Exception {
  rule: Rule;
  /** A file, or a folder and everything in it. */
  file: string;
  reason: string;
}

/** Everything that is allowed beside the rules. An entry that nothing needs any more fails the test. */
export const exceptions: readonly Exception[] = [
  {
    rule: 'time',
    file: 'packages/contracts/src/runtime',
    reason: 'the real clock and the real chance live here, behind their ports',
  },
  {
    rule: 'arrow',
    file: 'apps/cli/package.json',
    reason: 'installs @skein/server beside the command line, which starts it as a process of its own',
  },
  {
    rule: 'arrow',
    file: 'apps/cli/src/server-program.ts',
    reason: 'looks up where that program lies; no module of it is loaded',
  },
  {
    rule: 'door',
    file: 'test/stores/postgres-races.test.ts',
    reason: 'holds one statement still while another waits for it, which no store lets anybody do',
  },
  {
    rule: 'time',
    file: 'drizzle/src/testing/embedded',
    reason: 'kills real processes and says how long they took by a real clock',
  },
  {
    rule: 'state',
    file: 'drizzle/src/testing/embedded/node-process.mjs',
    reason: 'is a program that is started and killed, not a module that others hold',
  },
];

/** The folder of the room that a file is in; undefined for tests and scripts at the root. */
export function roomOf(file: string): string | undefined {
  return Object.keys(rooms).find((folder) => file.startsWith(`${folder}/`));
}

/** Test files, and what a package offers to the tests of others. */
export function isForTests(file: string): boolean {
  return /\.test\.ts$/.test(file) || file.startsWith('test/') || file.includes('/src/testing/');
}

/** The sources of a library: what other programs run inside of theirs. */
export function isLibrary(file: string): boolean {
  return /^(packages\/[^/]+|drizzle)\/src\//.test(file);
}
