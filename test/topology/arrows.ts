/** Arrows point one way, and a room is entered through its doors: what its package.json exports, nothing else. */
import { posix } from 'node:path';
import { isForTests, type Rule, roomOf, rooms, type SourceFile, type Violation } from './house.ts';
import type { Import, ModuleFacts } from './module-facts.ts';

interface Manifest {
  name?: string;
  exports?: Record<string, unknown>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

/** Our own files, held to more than this shape by the package manager. */
const readManifest = ({ source }: SourceFile) => JSON.parse(source) as Manifest;

const folderOf = (file: string) => posix.dirname(file);
const folderNamed = (name: string) => Object.keys(rooms).find((folder) => rooms[folder]?.name === name);
const isManifest = ({ file }: SourceFile) => file === 'package.json' || file.endsWith('/package.json');

/** What stands between two rooms that may not meet; undefined where they may. The root knows everybody. */
function closedBetween(from: string | undefined, name: string): string | undefined {
  const to = folderNamed(name);
  if (to === undefined) return `${name} has no place in the house`;
  if (from === undefined || rooms[from]?.mayImport.includes(to)) return undefined;
  return from === to ? `imports itself by its name ${name}: use the file` : `${from} may not import ${name}`;
}

export function checkImports(modules: readonly ModuleFacts[], files: readonly SourceFile[]): Violation[] {
  const doors = new Map(
    files.filter(isManifest).map((manifest) => {
      const { name = '', exports = {} } = readManifest(manifest);
      return [name, new Set(Object.keys(exports).map((door) => name + door.slice(1)))];
    }),
  );
  return modules.flatMap((module) => module.imports.flatMap((found) => [...checkImport(module.file, found, doors)]));
}

function* checkImport(
  file: string,
  found: Import,
  doors: ReadonlyMap<string, ReadonlySet<string>>,
): Iterable<Violation> {
  const { specifier, line, how } = found;
  const at = (rule: Rule, message: string): Violation => ({ rule, file, line, message });
  const room = roomOf(file);
  if (specifier.startsWith('.') && how === 'import') {
    const target = roomOf(posix.join(folderOf(file), specifier));
    if (target !== room && (target !== undefined || !isForTests(file)))
      yield at('door', `${specifier} goes through the wall of ${target ?? room}: use its name and its door`);
    return;
  }
  const name = /^@skein\/[^/]+/.exec(specifier)?.[0];
  if (name === undefined) return;
  const closed = closedBetween(room, name);
  if (closed !== undefined) yield at('arrow', how === 'lookup' ? `${closed} (it looks it up)` : closed);
  else if (!doors.get(name)?.has(specifier)) yield at('door', `${specifier} is no door of ${name}`);
  else if (specifier === `${name}/testing` && !isForTests(file)) yield at('door', `${specifier} is open to tests only`);
}

/** Dependencies between packages follow the arrows; every version of others stands in the catalog. */
export function checkManifests(files: readonly SourceFile[]): Violation[] {
  return files.filter(isManifest).flatMap((manifest) => {
    const { file, source } = manifest;
    const parsed = readManifest(manifest);
    const folder = file === 'package.json' ? undefined : folderOf(file);
    const violations: Violation[] = [];
    const at = (rule: Rule, key: string, message: string) => {
      const line = source.slice(0, Math.max(0, source.indexOf(`"${key}"`))).split('\n').length;
      violations.push({ rule, file, line, message });
    };
    if (folder !== undefined && rooms[folder]?.name !== parsed.name)
      at('arrow', 'name', `${parsed.name ?? folder} has no place in the house`);
    const { dependencies, devDependencies, optionalDependencies, peerDependencies } = parsed;
    for (const [name, version] of Object.entries({
      ...peerDependencies,
      ...optionalDependencies,
      ...devDependencies,
      ...dependencies,
    })) {
      const ours = name.startsWith('@skein/');
      const closed = ours ? closedBetween(folder, name) : undefined;
      if (closed !== undefined) at('arrow', name, closed);
      const wanted = ours ? 'workspace:*' : 'catalog:';
      if (version !== wanted) at('version', name, `${name} is ${version} and not ${wanted}`);
    }
    return violations;
  });
}
