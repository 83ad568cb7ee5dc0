import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeTestFolder } from '../testing/embedded/test-folder.ts';
import { locateBinaries, type Platform, thisPlatform } from './binaries.ts';
import { serverEnvironment } from './flags.ts';
import { makeRunnable } from './runnable.ts';

test.each([
  ['a platform without a package', { os: 'aix', arch: 'ppc64' }],
  ['Windows', { os: 'win32', arch: 'x64' }],
] as const)('%s is refused with the way out', (_, platform) => {
  expect(() => locateBinaries('/nowhere', { ...platform, resolve: thisPlatform.resolve })).toThrow(
    expect.objectContaining({ code: 'PLATFORM_UNSUPPORTED', message: expect.stringContaining('DATABASE_URL') }),
  );
});

test('a program that does not run here is refused with the way out, as on musl', async () => {
  await using folder = await makeTestFolder();
  const native = join(folder.path, 'native');
  mkdirSync(join(native, 'bin'), { recursive: true });
  writeFileSync(join(native, 'bin/postgres'), '#!/lib/no-such-loader.so\n', { mode: 0o755 });
  await expect(makeRunnable({ nativeFolder: native, env: {} }, folder.path, undefined)).rejects.toMatchObject({
    code: 'PLATFORM_UNSUPPORTED',
    message: expect.stringContaining('DATABASE_URL'),
  });
});

test('the short names of libraries are linked in the package', async () => {
  await using copy = await copyPackage();
  expect(copy.version).toThrow(); // the links are what makes it run
  const { nativeFolder, env } = locateBinaries(join(copy.path, 'links'), copy.platform);
  expect(env).toEqual({});
  expect(copy.version(env)).toContain(' 18.');
  expect(existsSync(join(nativeFolder, 'lib/libicuuc.so.60'))).toBe(true);
});

test('where the package cannot be written to, they are linked in a folder of our own', async () => {
  await using copy = await copyPackage();
  // Root may write anywhere, so links into a folder that is not there stand for a package that is read-only.
  const list = join(copy.path, 'package/native/pg-symlinks.json');
  writeFileSync(list, readFileSync(list, 'utf8').replaceAll('"target":"native/lib/', '"target":"native/closed/'));
  const { env } = locateBinaries(join(copy.path, 'links'), copy.platform);
  expect(copy.version(env)).toContain(' 18.');
  expect(existsSync(join(copy.path, 'links/libicuuc.so.60'))).toBe(true);
});

/** The package as npm unpacks it: without links. */
async function copyPackage() {
  const folder = await makeTestFolder();
  const packageFolder = join(folder.path, 'package');
  cpSync(locateBinaries(join(folder.path, 'unused')).nativeFolder, join(packageFolder, 'native'), {
    recursive: true,
    filter: (path) => !lstatSync(path).isSymbolicLink() && !path.endsWith('.a'),
  });
  mkdirSync(join(packageFolder, 'dist'));
  const entry = join(packageFolder, 'dist/index.js');
  writeFileSync(entry, '');
  const platform: Platform = { ...thisPlatform, resolve: () => entry };
  const version = (env: Readonly<Record<string, string>> = {}) =>
    execFileSync(join(packageFolder, 'native/bin/postgres'), ['--version'], {
      env: { ...serverEnvironment, ...env },
      stdio: ['ignore', 'pipe', 'ignore'],
    }).toString();
  return { ...folder, platform, version };
}
