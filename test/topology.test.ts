/** The house stands as it is drawn: arrows, doors, circles, manners. And the test of it can fail: see the copy below. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkHouse } from './topology/check-house.ts';
import type { Rule, SourceFile } from './topology/house.ts';
import { type ModuleFacts, readModule } from './topology/module-facts.ts';
import { listFiles, readHouse } from './topology/read-house.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

test('the house stands as it is drawn', () => {
  const { violations, unneeded } = checkHouse(readHouse(root));
  expect(violations.map(({ rule, file, line, message }) => `${rule}: ${file}:${line}: ${message}`)).toEqual([]);
  expect(unneeded).toEqual([]);
});

describe('on a copy of the house', () => {
  let copy: string;
  let asItWas: ReturnType<typeof checkHouse>;
  const known = new Map<string, ModuleFacts>();
  const readOnce = (file: SourceFile) => {
    const key = `${file.file}\n${file.source}`;
    const facts = known.get(key) ?? readModule(file);
    known.set(key, facts);
    return facts;
  };
  const checkCopy = () => checkHouse(readHouse(copy), readOnce);

  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'skein-topology-'));
    for (const file of listFiles(root)) {
      mkdirSync(dirname(join(copy, file)), { recursive: true });
      cpSync(join(root, file), join(copy, file));
    }
    asItWas = checkCopy();
  });
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  /** What is found with the file changed; the file is as it was afterwards. */
  function foundWith(file: string, change: (source: string) => string) {
    const path = join(copy, file);
    const before = readFileSync(path, 'utf8');
    const changed = change(before);
    expect(changed).not.toBe(before);
    writeFileSync(path, changed);
    const { violations } = checkCopy();
    writeFileSync(path, before);
    return violations;
  }

  const andThen = (text: string) => (source: string) => `${source}\n${text}\n`;
  const transport = 'packages/a2a-transport/src/errors.ts';
  const swarm = 'packages/swarm/src/errors.ts';
  const ids = 'packages/contracts/src/ids.ts';
  const cli = 'apps/cli/src/cli.ts';

  test.each<[wrong: string, rule: Rule, file: string, text: string]>([
    ['an arrow that is turned', 'arrow', transport, "import { createSwarmNode } from '@skein/swarm';"],
    ['a turned arrow of types alone', 'arrow', transport, "export type { SwarmNode } from '@skein/swarm';"],
    ['a turned arrow in the middle of a line', 'arrow', transport, "type N = import('@skein/swarm').SwarmNode;"],
    ['siblings that meet', 'arrow', 'packages/remote-kernel/src/errors.ts', "await import('@skein/swarm');"],
    ['a command line that knows the server', 'arrow', cli, "import { runNodeProcess } from '@skein/server';"],
    ['a command line that knows the swarm', 'arrow', cli, "import { createSwarmNode } from '@skein/swarm';"],
    ['a program that is looked up', 'arrow', cli, "import.meta.resolve('@skein/server/main');"],
    ['a package that nobody drew', 'arrow', swarm, "import '@skein/utils';"],
    ['a deep import', 'door', 'drizzle/src/errors.ts', "import { x } from '@skein/swarm/src/pump.ts';"],
    ['a path through a wall', 'door', swarm, "import { x } from '../../a2a-transport/src/errors.ts';"],
    ['a test that goes through a wall', 'door', 'test/stores/subject.ts', "import '../../drizzle/src/target.ts';"],
    ['a testing door in the product', 'door', swarm, "import { createFakeClock } from '@skein/contracts/testing';"],
    ['a circle of files', 'circle', ids, "import { NodeName } from './node.ts';"],
    ['a circle of types', 'circle', ids, "import type { NodeName } from './node.ts';"],
    ['a file that imports itself', 'circle', ids, "import { NodeId as Again } from './ids.ts';"],
    ['export *', 'star', swarm, "export * from './pump.ts';"],
    ['export * with a name', 'star', 'apps/server/src/index.ts', "export * as all from './compose.ts';"],
    ['the environment', 'environment', swarm, 'export const home = process.env.HOME;'],
    ['the environment in brackets', 'environment', swarm, "export const home = process['env'].HOME;"],
    ['the environment in pieces', 'environment', swarm, 'export const home = () => { const { env } = process; };'],
    ['the environment by another way', 'environment', swarm, "import { env } from 'node:process';"],
    ['a console', 'console', 'drizzle/src/errors.ts', "console.log('hello');"],
    ['the hour', 'time', swarm, 'export const born = Date.now();'],
    ['the hour as a date', 'time', swarm, 'export const born = () => new Date();'],
    ['a bare timer', 'time', swarm, 'setTimeout(() => {}, 10);'],
    ['a bare interval', 'time', 'drizzle/src/errors.ts', 'globalThis.setInterval(() => {}, 10);'],
    ['a timer by another way', 'time', swarm, "import { setTimeout as sleep } from 'node:timers/promises';"],
    ['chance', 'time', swarm, 'export const dice = () => Math.random();'],
    ['a signal that leaves its trace', 'signal', swarm, 'export const both = (a, b) => AbortSignal.any([a, b]);'],
    ['state of a module', 'state', swarm, 'let count = 0;'],
    ['a cache of a module', 'state', swarm, 'const cache = new Map<string, string>();'],
    ['Node in the shared words', 'fence', ids, "import { createHash } from 'node:crypto';"],
    ['SQL beyond its room', 'fence', swarm, "import postgres from 'postgres';"],
  ])('%s is reported', (_wrong, rule, file, text) => {
    expect(foundWith(file, andThen(text))).toContainEqual(expect.objectContaining({ rule, file }));
  });

  test.each<[wrong: string, rule: Rule, from: string, to: string]>([
    ['a dependency against an arrow', 'arrow', '"@skein/contracts"', '"@skein/swarm"'],
    ['a dependency from a registry that is ours', 'version', '"workspace:*"', '"^0.1.0"'],
    ['a version beside the catalog', 'version', '"hono": "catalog:"', '"hono": "^4.0.0"'],
    ['a package that nobody drew', 'arrow', '"name": "@skein/a2a-transport"', '"name": "@skein/utils"'],
  ])('%s is reported', (_wrong, rule, from, to) => {
    const file = 'packages/a2a-transport/package.json';
    const found = foundWith(file, (source) => source.replace(from, to));
    expect(found).toContainEqual(expect.objectContaining({ rule, file }));
  });

  test('a circle of packages is told as the way round it', () => {
    const found = foundWith(transport, andThen("import type { SwarmNode } from '@skein/swarm';"));
    const message = 'packages/a2a-transport → packages/swarm → packages/a2a-transport';
    expect(found).toContainEqual(expect.objectContaining({ rule: 'circle', message }));
  });

  test.each([
    ['a comment', "// import '@skein/swarm'; console.log(process.env, Date.now());"],
    ['a text', `export const text = "import '@skein/swarm'; setTimeout(); export * from './a.ts'";`],
    ['a member of that name', 'export const mine = (host: { setTimeout(): void }) => host.setTimeout();'],
    ['a date of a known hour', 'export const iso = (ms: number) => new Date(ms).toISOString();'],
    ['a constant collection', "export const known = new Set(['a']);"],
  ])('%s is nothing to report', (_what, text) => {
    expect(foundWith(transport, andThen(text))).toEqual(asItWas.violations);
  });

  test('the copy is as it was', () => {
    expect(checkCopy()).toEqual(asItWas);
  });
});
