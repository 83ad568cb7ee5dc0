/**
 * Gets a machine that has only Node and npm ready, then starts or tests Skein in this same process, so that a Ctrl-C
 * or a supervisor's SIGTERM reaches what runs. No dependencies: nothing is installed yet when this file is read.
 *
 *   node scripts/pm.mjs start [...]   install, build, bring up the demonstration swarm
 *   node scripts/pm.mjs test [...]    install, build, run the tests (further arguments go to vitest)
 *   node scripts/pm.mjs bench [NAME]   install, build, measure ourselves beside our peers
 *   node scripts/pm.mjs run BIN ...   install, build, run a binary of the workspace (the .ci/run checks)
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

function fail(message) {
  console.error(`skein: ${message}`);
  process.exit(1);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    fail(`Node ${process.versions.node} is too old. Install Node 20.19 or later (https://nodejs.org).`);
}

function run(command, args, { quiet = false } = {}) {
  const shell = process.platform === 'win32'; // npx and pnpm are .cmd files there
  const done = spawnSync(command, args, {
    cwd: root,
    shell,
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 2, 2],
  });
  return { ok: done.status === 0, output: quiet ? String(done.stdout ?? '') + String(done.stderr ?? '') : '' };
}

/** The pinned pnpm: the one on the path where its version is right, else npx fetches it. */
function pnpm(args) {
  const wanted = manifest.packageManager.split('@')[1];
  const found = run('pnpm', ['--version'], { quiet: true });
  if (found.ok && found.output.trim() === wanted) return run('pnpm', args);
  return run('npx', ['--yes', `pnpm@${wanted}`, ...args]);
}

/** Installs only when the lockfile, or a manifest it speaks for, is not the one that was installed last. */
function install() {
  const stamp = join(root, 'node_modules', '.skein-installed');
  const lock = createHash('sha256').update(process.version);
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', 'apps/cli/package.json'])
    lock.update(readFileSync(join(root, file)));
  const hash = lock.digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  console.error('skein: installing dependencies …');
  if (!pnpm(['install', '--frozen-lockfile']).ok)
    fail('the dependencies could not be installed. See the lines above; is the npm registry in reach?');
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, hash);
}

function build() {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const done = spawnSync(process.execPath, [tsc, '-b'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (done.status !== 0) fail('the build failed. See the lines above.');
}

/** Runs a program that is a module by importing it here, as if its own file had been started. */
async function become(file, args) {
  process.argv = [process.execPath, file, ...args];
  await import(pathToFileURL(file).href);
}

const [task, ...args] = process.argv.slice(2);
checkNode();
install();
build();
if (task === 'start') await become(join(root, 'apps', 'cli', 'dist', 'main.js'), ['demo', ...args]);
else if (task === 'test') await become(join(root, 'node_modules', 'vitest', 'vitest.mjs'), ['run', ...args]);
else if (task === 'bench') await become(join(root, 'bench', 'dist', 'main.js'), args);
else if (task === 'run') {
  const bin = join(root, 'node_modules', '.bin', args[0] ?? '');
  const done = spawnSync(bin, args.slice(1), { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  process.exitCode = done.status ?? 1;
} else fail(`unknown task ${task ?? '(none)'}; use start, test, bench or run`);
