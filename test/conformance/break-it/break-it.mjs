/**
 * Breaks the code at every place of `breakages.json`, one at a time, in a copy of this repository, and runs the tests
 * that have to turn red: `node test/conformance/break-it/break-it.mjs [part of a name]`. Exits with 1 where a breakage
 * survives, where the text to break is gone, or where the tests are red before anything is broken.
 */
import { execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const breakages = JSON.parse(readFileSync(new URL('breakages.json', import.meta.url), 'utf8'));
/** Tests of the copy need no database, and nothing but the one line of each failure. */
const config = `export default {
  resolve: { conditions: ['skein-source'] },
  ssr: { resolve: { conditions: ['skein-source', 'module', 'node', 'development|production'] } },
  test: { include: ['**/*.test.ts'], testTimeout: 20_000, maxWorkers: 1, isolate: false, reporters: ['json'] },
};`;

/** The files of the working tree, and links to what is installed: those between the packages lead into the copy. */
function copyRepository() {
  const copy = mkdtempSync(join(tmpdir(), 'skein-break-it-'));
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root, maxBuffer: 1 << 26 });
  for (const file of files
    .toString()
    .split('\0')
    .filter((name) => name !== '' && existsSync(join(root, name)))) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file));
  }
  const rooms = [
    '',
    ...['packages', 'apps'].flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name))),
    'drizzle',
    'examples',
    'bench',
  ];
  for (const room of rooms) {
    const installed = join(root, room, 'node_modules');
    if (!existsSync(installed)) continue;
    for (const name of readdirSync(installed)) {
      const [from, to] = [join(installed, name), join(copy, room, 'node_modules', name)];
      mkdirSync(dirname(to), { recursive: true });
      if (name === '.pnpm') symlinkSync(from, to);
      else if (!name.startsWith('.')) cpSync(from, to, { recursive: true, verbatimSymlinks: true });
    }
  }
  writeFileSync(join(copy, 'break-it.config.mjs'), config);
  return copy;
}

/** What the tests say: the names of those that failed, or why none ran. */
function runTests(copy, files, more = []) {
  const vitest = join(copy, 'node_modules', 'vitest', 'vitest.mjs');
  const args = [vitest, 'run', '--config', 'break-it.config.mjs', ...more, ...files];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: copy, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    let complained = '';
    child.stdout.on('data', (chunk) => (said += chunk));
    child.stderr.on('data', (chunk) => (complained += chunk));
    child.on('close', (code) => {
      try {
        const { testResults } = JSON.parse(said.slice(said.indexOf('{')));
        const failed = testResults.flatMap(({ assertionResults }) =>
          assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
        );
        const broken = testResults.filter(
          ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
        );
        resolve({
          code,
          failed: [...failed, ...broken.map(({ name, message }) => `${name}: ${message}`)],
          loads: broken.length === 0,
        });
      } catch {
        resolve({ code, failed: [complained.trim() || 'nothing was said'], loads: false });
      }
    });
  });
}

async function tryBreakage(copy, { file, find, replace, tests }) {
  const path = join(copy, file);
  const sound = readFileSync(path, 'utf8');
  if (sound.split(find).length !== 2) return { verdict: 'gone', why: `its text is not there exactly once: ${find}` };
  writeFileSync(
    path,
    sound.replace(find, () => replace),
  );
  try {
    const { failed, loads } = await runTests(copy, tests, ['--bail', '1']);
    if (!loads) return { verdict: 'gone', why: `what is left does not run: ${failed[0]}` };
    return failed.length > 0 ? { verdict: 'red', why: failed[0] } : { verdict: 'survived', why: tests.join(', ') };
  } finally {
    writeFileSync(path, sound);
  }
}

const wanted = breakages.filter(({ name }) => name.includes(process.argv[2] ?? ''));
const began = performance.now();
const copies = Array.from({ length: Math.max(1, Math.min(2, cpus().length)) }, copyRepository);
process.on('exit', () => {
  for (const copy of copies) rmSync(copy, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

const files = [...new Set(wanted.flatMap(({ tests }) => tests))];
const sound = await runTests(copies[0], files);
if (sound.failed.length > 0 || sound.code !== 0) {
  console.error(`The tests are red before anything is broken:\n${sound.failed.join('\n')}`);
  process.exit(1);
}
console.log(`${files.length} files of tests are green; ${wanted.length} places to break`);

const verdicts = { red: 0, survived: 0, gone: 0 };
const rest = [...wanted];
const work = async (copy) => {
  for (let next = rest.shift(); next; next = rest.shift()) {
    const { verdict, why } = await tryBreakage(copy, next);
    verdicts[verdict] += 1;
    console.log(`${verdict.padEnd(8)}  ${String(next.point).padEnd(4)}  ${next.name}  (${why})`);
  }
};
await Promise.all(copies.map(work));
const seconds = Math.round((performance.now() - began) / 1_000);
console.log(
  `${verdicts.red} turned a test red, ${verdicts.survived} survived, ${verdicts.gone} could not be tried; ${seconds} s`,
);
process.exit(verdicts.survived + verdicts.gone > 0 ? 1 : 0);
