/** The files that the rules speak of, read from a repository. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceFile } from './house.ts';
import { isModule } from './module-facts.ts';

const roots = ['packages', 'drizzle', 'apps', 'test', 'scripts', 'examples'];
const madeByMachines = new Set(['node_modules', 'dist', 'coverage', 'migrations']);

/** Paths from the repository's root, with slashes. */
export function listFiles(root: string): string[] {
  const below = (folder: string): string[] =>
    readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return madeByMachines.has(entry.name) || entry.name.startsWith('.') ? [] : below(path);
      return isModule(path) || entry.name === 'package.json' ? [path] : [];
    });
  return ['package.json', ...roots.filter((folder) => existsSync(join(root, folder))).flatMap(below)];
}

export function readHouse(root: string): SourceFile[] {
  return listFiles(root).map((file) => ({ file, source: readFileSync(join(root, file), 'utf8') }));
}
