/**
 * What stands in a README as `js` is a program: it runs as it is written, on what was built and on ports that are free, and
 * prints what its comments say. What stands there as `ts` is an excerpt, and is read only.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { rooms } from './topology/house.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'skein-readmes-'));
vi.setConfig({ testTimeout: 60_000 });

/** The packages as somebody has them who installed them. */
beforeAll(() => {
  chmodSync(folder, 0o711); // as root, a database runs as another user, who must pass
  const packages = Object.entries(rooms).map(([room, { name }]) => [name, join(root, room)] as const);
  const others = ['@hono/node-server', 'zod'].map((name) => [name, join(root, 'examples/node_modules', name)] as const);
  for (const [name, target] of [...packages, ...others]) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(target, link, 'dir');
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const programsIn = (file: string): string[] =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/^```js\n(.*?)^```$/gms)].map(([, program = '']) => program);

/** What `console.log(…); // text` promises, line by line. */
const promisedBy = (program: string): string[] =>
  [...program.matchAll(/^.*console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text = '']) => text);

/** Others may be listening where the text says. */
async function onFreePorts(program: string): Promise<string> {
  const ports = new Map<string, Promise<number>>();
  for (const [port] of program.matchAll(/\b42\d\d\b/g)) if (!ports.has(port)) ports.set(port, freePort());
  let moved = program;
  for (const [port, free] of ports) moved = moved.replaceAll(port, String(await free));
  return moved;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on TCP
  server.close();
  await once(server, 'close');
  return port;
}

const readmes = ['README.md', join('docs', 'a2a.md'), ...Object.keys(rooms).map((room) => join(room, 'README.md'))];
const programs = readmes
  .filter((file) => file !== join('examples', 'README.md'))
  .flatMap((file) =>
    programsIn(file)
      .filter((text) => text.includes('import '))
      .map((program, n) => ({ file, n: n + 1, program })),
  );

test.each(['README.md', join('packages', 'swarm', 'README.md')])('%s shows two lines that run', (file) => {
  expect(programsIn(file).join('\n')).toContain("from '@skein/swarm'");
});

test.each(programs)('program $n of $file runs and prints what it says', async ({ n, program }) => {
  const main = join(folder, `program-${n}.mjs`);
  writeFileSync(main, await onFreePorts(program));
  const options = { cwd: folder, encoding: 'utf8', timeout: 50_000, killSignal: 'SIGKILL' } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [main], options);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const promised = promisedBy(program);
  expect(promised.length).toBeGreaterThan(0);
  expect(stdout.trimEnd().split('\n')).toEqual(promised);
});
