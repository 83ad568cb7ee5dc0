/** How sources behave: doors that name what passes, no hidden surroundings in libraries, libraries in their fences. */
import { isForTests, isLibrary, type Rule, roomOf, type Violation } from './house.ts';
import type { ModuleFacts } from './module-facts.ts';

const ruleOfGlobal: Readonly<Record<string, Rule>> = {
  'process.env': 'environment',
  console: 'console',
  'AbortSignal.any': 'signal',
};

/** Modules that bring the same surroundings in by another way. */
const ruleOfModule: Readonly<Record<string, Rule>> = {
  'node:process': 'environment',
  process: 'environment',
  'node:console': 'console',
  'node:timers': 'time',
  'node:timers/promises': 'time',
};

const instead: Partial<Record<Rule, string>> = {
  environment: 'take it as an argument: only apps read the environment',
  console: 'take a Logger: a library does not speak unless asked',
  signal: 'take linkedSignal: on Node 20 this leaves a trace in a parent for each signal made of it',
  time: 'take a Clock or a Random: time and chance are handed in',
};

export function checkManners(modules: readonly ModuleFacts[]): Violation[] {
  return modules.flatMap((module) => [
    ...module.stars.map(({ line }) =>
      violation('star', module, line, 'export * names nothing: a door says what passes'),
    ),
    ...(isLibrary(module.file) && !/\.test\.ts$/.test(module.file) ? surroundings(module) : []),
    ...fences(module),
  ]);
}

function violation(rule: Rule, { file }: ModuleFacts, line: number, message: string): Violation {
  return { rule, file, line, message };
}

function surroundings(module: ModuleFacts): Violation[] {
  const touched = module.globals.map(({ name, line }) => ({
    name,
    line,
    rule: ruleOfGlobal[name] ?? ('time' as const),
  }));
  const brought = module.imports.flatMap(({ specifier, line }) => {
    const rule = ruleOfModule[specifier];
    return rule ? [{ name: specifier, line, rule }] : [];
  });
  return [
    ...[...touched, ...brought].map(({ name, line, rule }) =>
      violation(rule, module, line, `${name}: ${instead[rule]}`),
    ),
    ...module.state.map(({ name, line }) =>
      violation('state', module, line, `${name}: a package holds no state of its own`),
    ),
  ];
}

const isSql = (specifier: string) => /^(postgres|drizzle-orm)(\/|$)/.test(specifier);

/** The words know zod alone, so that a browser can read them; SQL is spoken in one room. */
function fences(module: ModuleFacts): Violation[] {
  if (isForTests(module.file)) return [];
  const room = roomOf(module.file);
  return module.imports
    .filter(({ how, specifier }) => how === 'import' && !specifier.startsWith('.'))
    .flatMap(({ specifier, line }) => {
      if (room === 'packages/contracts' && specifier !== 'zod')
        return [violation('fence', module, line, `${specifier}: contracts are made of zod alone`)];
      if (room !== 'drizzle' && isSql(specifier))
        return [violation('fence', module, line, `${specifier}: drizzle/ is the only room with SQL`)];
      return [];
    });
}
