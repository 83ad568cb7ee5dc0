/** What a source says that the rules ask about: what it imports, what it passes on, which globals it touches. */
import { parseAst } from 'vitest/node';
import type { SourceFile } from './house.ts';

export interface Import {
  specifier: string;
  line: number;
  /** `lookup` finds out where a module lies without loading it. */
  how: 'import' | 'lookup';
}

export interface ModuleFacts {
  file: string;
  imports: readonly Import[];
  /** `export *`, with or without a name. */
  stars: readonly { line: number }[];
  /** Uses of globals: `process.env`, `console`, `Date.now`, `new Date()`, `setTimeout`. */
  globals: readonly { name: string; line: number }[];
  /** Names at the top level of the module whose value can change. */
  state: readonly { name: string; line: number }[];
}

interface Node {
  type: string;
  start: number;
  [field: string]: unknown;
}

export function isModule(file: string): boolean {
  return /\.(ts|mts|js|mjs)$/.test(file);
}

/** Errors: a SyntaxError of the parser where the source is none. */
export function readModule({ file, source }: SourceFile): ModuleFacts {
  const ast: unknown = parseAst(source, { lang: file.endsWith('ts') ? 'ts' : 'js' });
  const lineAt = (node: Node) => source.slice(0, node.start).split('\n').length;
  const imports: Import[] = [];
  const stars: { line: number }[] = [];
  const globals: { name: string; line: number }[] = [];
  walk(ast, (node, parent) => {
    const specifier = specifierOf(node);
    if (specifier) imports.push({ ...specifier, line: lineAt(node) });
    if (node.type === 'ExportAllDeclaration') stars.push({ line: lineAt(node) });
    for (const name of globalsIn(node, parent)) globals.push({ name, line: lineAt(node) });
  });
  const body = isNode(ast) && Array.isArray(ast.body) ? ast.body.filter(isNode) : [];
  const state = body.flatMap((statement) => stateIn(statement).map((name) => ({ name, line: lineAt(statement) })));
  return { file, imports, stars, globals, state };
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function walk(value: unknown, visit: (node: Node, parent: Node | undefined) => void, parent?: Node): void {
  if (Array.isArray(value)) for (const item of value) walk(item, visit, parent);
  if (!isNode(value)) return;
  visit(value, parent);
  for (const below of Object.values(value)) if (typeof below === 'object') walk(below, visit, value);
}

const modules = new Set([
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ImportExpression',
  'TSImportType',
]);

function specifierOf(node: Node): Pick<Import, 'specifier' | 'how'> | undefined {
  if (modules.has(node.type)) {
    const specifier = textOf(node.source);
    return specifier === undefined ? undefined : { specifier, how: 'import' };
  }
  if (node.type !== 'CallExpression' || !Array.isArray(node.arguments)) return undefined;
  const specifier = textOf(node.arguments[0]);
  const called = isNode(node.callee) ? (nameOf(node.callee) ?? memberName(node.callee)?.property) : undefined;
  if (specifier === undefined) return undefined;
  if (called === 'require') return { specifier, how: 'import' };
  return called === 'resolve' ? { specifier, how: 'lookup' } : undefined;
}

const textOf = (node: unknown) => (isNode(node) && typeof node.value === 'string' ? node.value : undefined);
const nameOf = (node: unknown) =>
  isNode(node) && node.type === 'Identifier' && typeof node.name === 'string' ? node.name : undefined;

/** `process.env` and `process['env']` alike. */
function memberName(node: Node): { object: string | undefined; property: string | undefined } | undefined {
  if (node.type !== 'MemberExpression') return undefined;
  return { object: nameOf(node.object), property: node.computed ? textOf(node.property) : nameOf(node.property) };
}

const watchedMembers = new Set([
  'process.env',
  'Date.now',
  'performance.now',
  'Math.random',
  'AbortSignal.any',
  'AbortSignal.timeout',
  'crypto.randomUUID',
]);
const watchedNames = new Set(['console', 'setTimeout', 'setInterval']);

function* globalsIn(node: Node, parent: Node | undefined): Iterable<string> {
  const member = memberName(node);
  if (member) {
    const { object, property } = member;
    if (watchedMembers.has(`${object}.${property}`)) yield `${object}.${property}`;
    if (object === 'globalThis' && property !== undefined && watchedNames.has(property)) yield property;
  }
  if (node.type === 'NewExpression' && nameOf(node.callee) === 'Date' && isEmpty(node.arguments)) yield 'new Date()';
  const name = nameOf(node);
  if (name !== undefined && watchedNames.has(name) && !isLabel(node, parent)) yield name;
  if (node.type === 'VariableDeclarator' && nameOf(node.init) === 'process' && hasKey(node.id, 'env'))
    yield 'process.env';
}

const isEmpty = (list: unknown) => Array.isArray(list) && list.length === 0;

function hasKey(pattern: unknown, key: string): boolean {
  if (!isNode(pattern) || !Array.isArray(pattern.properties)) return false;
  return pattern.properties.some((property: unknown) => isNode(property) && nameOf(property.key) === key);
}

/** A name that stands for a member and not for a value: `timers.setTimeout`, `{ console: … }`. */
function isLabel(node: Node, parent: Node | undefined): boolean {
  if (!parent || parent.computed) return false;
  if (parent.type === 'MemberExpression') return parent.property === node;
  return 'key' in parent && parent.key === node && !parent.shorthand;
}

const growing = new Set(['Map', 'Set', 'WeakMap', 'WeakSet', 'Array']);

/** `let` and `var`, and collections that begin empty, since only a later write can give them a sense. */
function stateIn(statement: Node): string[] {
  const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
  if (!isNode(declaration) || declaration.type !== 'VariableDeclaration' || declaration.declare) return [];
  const declared = Array.isArray(declaration.declarations) ? declaration.declarations.filter(isNode) : [];
  return declared
    .filter(({ init }) => declaration.kind !== 'const' || beginsEmpty(init))
    .map(({ id }) => nameOf(id) ?? 'a pattern');
}

function beginsEmpty(init: unknown): boolean {
  if (!isNode(init)) return false;
  if (init.type === 'ArrayExpression') return isEmpty(init.elements);
  return init.type === 'NewExpression' && growing.has(nameOf(init.callee) ?? '') && isEmpty(init.arguments);
}
