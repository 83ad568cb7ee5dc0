/** No circles: neither between packages nor between the files of one. Types count: a circle of types is a tangle, too. */
import { posix } from 'node:path';
import { isForTests, roomOf, rooms, type Violation } from './house.ts';
import type { ModuleFacts } from './module-facts.ts';

type Graph = Map<string, Set<string>>;

export function checkCircles(modules: readonly ModuleFacts[]): Violation[] {
  return [...circlesOf(fileGraph(modules)), ...circlesOf(packageGraph(modules))].flatMap((circle) =>
    circle.map((file, index) => {
      const next = circle[(index + 1) % circle.length] ?? file;
      return { rule: 'circle', file, line: lineOf(modules, file, next), message: [...circle, circle[0]].join(' → ') };
    }),
  );
}

/** Where a file imports the next one of its circle; 1 for a package. */
function lineOf(modules: readonly ModuleFacts[], file: string, next: string): number {
  const imports = modules.find((module) => module.file === file)?.imports ?? [];
  return imports.find(({ specifier }) => targetOf(file, specifier) === next)?.line ?? 1;
}

const targetOf = (file: string, specifier: string) => posix.join(posix.dirname(file), specifier);

function fileGraph(modules: readonly ModuleFacts[]): Graph {
  const known = new Set(modules.map(({ file }) => file));
  const targetsOf = ({ file, imports }: ModuleFacts) =>
    imports
      .filter(({ specifier }) => specifier.startsWith('.'))
      .map(({ specifier }) => targetOf(file, specifier))
      .filter((target) => known.has(target));
  return new Map(modules.map((module) => [module.file, new Set(targetsOf(module))]));
}

/** What packages are made of; their tests may look further. */
function packageGraph(modules: readonly ModuleFacts[]): Graph {
  const graph: Graph = new Map();
  for (const { file, imports } of modules) {
    const from = roomOf(file);
    if (from === undefined || isForTests(file)) continue;
    const targets = graph.get(from) ?? new Set();
    graph.set(from, targets);
    for (const [to, { name }] of Object.entries(rooms))
      if (to !== from && imports.some(({ specifier, how }) => how === 'import' && isWithin(specifier, name)))
        targets.add(to);
  }
  return graph;
}

const isWithin = (specifier: string, name: string) => specifier === name || specifier.startsWith(`${name}/`);

/** One circle for each knot of the graph, as the way round it, beginning with the name that sorts first. */
function circlesOf(graph: Graph): string[][] {
  const inCircle = [...graph.keys()].sort().flatMap((start) => wayBack(graph, start) ?? []);
  const circles: string[][] = [];
  const told = new Set<string>();
  for (const start of new Set(inCircle)) {
    if (told.has(start)) continue;
    const circle = wayBack(graph, start) ?? [];
    for (const name of circle) told.add(name);
    circles.push(circle);
  }
  return circles;
}

/** The shortest way from a node back to itself. */
function wayBack(graph: Graph, start: string): string[] | undefined {
  const ways: string[][] = [[start]];
  const seen = new Set<string>();
  for (const way of ways) {
    for (const next of graph.get(way.at(-1) ?? '') ?? []) {
      if (next === start) return way;
      if (seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return undefined;
}
