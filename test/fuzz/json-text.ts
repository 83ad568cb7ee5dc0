/**
 * JSON as a hostile writer puts it. A valid value is written out with mutations on the way, so that the text can hold
 * what no value in memory can: the same key twice, numbers beyond all numbers, keys that reach for a prototype.
 */
import fc from 'fast-check';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A change at one node, counted from the root, around and around. */
export type Mutation = { at: number } & (
  | { kind: 'replace'; text: string }
  | { kind: 'drop' }
  | { kind: 'extra'; key: string; text: string }
  | { kind: 'again'; text: string }
  | { kind: 'nest'; open: '[' | '{"x":'; depth: number }
  | { kind: 'snake' }
  | { kind: 'shout' }
);

/** The value's text, changed where the mutations say. `undefined` where nothing of it is left. */
export function writeJson(value: Json, mutations: readonly Mutation[]): string | undefined {
  const nodes = countNodes(value);
  const byNode = new Map(mutations.map((mutation) => [mutation.at % nodes, mutation]));
  let index = 0;
  const write = (node: Json): { text: string | undefined; mutation: Mutation | undefined } => {
    const mutation = byNode.get(index);
    index += 1;
    const members = membersOf(node);
    const inner = members && writeMembers(members, mutation);
    const text = inner === undefined ? JSON.stringify(node) : Array.isArray(node) ? `[${inner}]` : `{${inner}}`;
    return { text: changed(text, mutation), mutation };
  };
  const writeMembers = (members: readonly (readonly [string | undefined, Json])[], own: Mutation | undefined) => {
    const written: string[] = [];
    for (const [key, child] of members) {
      const { text, mutation } = write(child);
      if (text === undefined) continue;
      if (key === undefined) written.push(text);
      else written.push(`${JSON.stringify(renamed(key, mutation))}:${text}`);
      if (mutation?.kind === 'again') {
        written.push(key === undefined ? mutation.text : `${JSON.stringify(key)}:${mutation.text}`);
      }
    }
    if (own?.kind === 'extra' && members[0]?.[0] !== undefined) written.push(`${JSON.stringify(own.key)}:${own.text}`);
    return written.join(',');
  };
  return write(value).text;
}

function changed(text: string, mutation: Mutation | undefined): string | undefined {
  if (mutation?.kind === 'replace') return mutation.text;
  if (mutation?.kind === 'drop') return undefined;
  if (mutation?.kind !== 'nest') return text;
  const { open, depth } = mutation;
  return open.repeat(depth) + text + (open === '[' ? ']' : '}').repeat(depth);
}

function renamed(key: string, mutation: Mutation | undefined): string {
  if (mutation?.kind === 'snake') return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return mutation?.kind === 'shout' ? key.toUpperCase() : key;
}

function membersOf(node: Json): readonly (readonly [string | undefined, Json])[] | undefined {
  if (Array.isArray(node)) return node.map((child) => [undefined, child] as const);
  return typeof node === 'object' && node !== null ? Object.entries(node) : undefined;
}

function countNodes(node: Json): number {
  return (membersOf(node) ?? []).reduce((sum, [, child]) => sum + countNodes(child), 1);
}

/** Any UTF-16, halves of pairs and control characters among them. */
export const anyText = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.integer({ min: 0x20, max: 0x7e }) },
      fc.constantFrom(0, 8, 10, 13, 0x7f, 0xad, 0x2028, 0x202e, 0xfeff, 0xfffe, 0xd800, 0xdbff, 0xdc00, 0xdfff),
      fc.integer({ min: 0, max: 0xffff }),
    ),
    { maxLength: 12 },
  )
  .map((units) => String.fromCharCode(...units));

/** What stands where something else was expected. */
export const oddText: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.constantFrom(
      ...['null', 'true', 'false', '0', '-0', '-1', '1.5', '1e400', '-1e400', '1E5', '9007199254740993', '2147483648'],
      ...['""', '" "', '"null"', '"0"', '"\\ud800"', '"\\udc00\\ud800"', '"\\u0000"', '"../../x"', '"__proto__"', '[]'],
      ...['{}', '[null]', '[[]]', '{"":""}', '{"__proto__":{"a":1}}', '{"constructor":{"prototype":{}}}', '"\\u202e"'],
      ...['{"toString":1}', '{"then":1}', '{"length":1e9}', '"1970-01-01T00:00:00Z"', '"9999-12-31T23:59:59-23:59"'],
      ...['"0000-01-01T00:00:00+23:59"', '"TASK_STATE_UNSPECIFIED"', '"unknown"', '"@task0@"', '"@context0@"'],
    ),
  },
  { weight: 6, arbitrary: anyText.map((text) => JSON.stringify(text)) },
  { weight: 4, arbitrary: fc.json({ maxDepth: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom(1_000, 1_000, 1_000, 100_000).map((length) => `"${'a'.repeat(length)}"`) },
);

const keys = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'then',
  '',
  'kind',
  'tenant',
  'id',
  'task_id',
  'data',
];
const at = fc.nat(200);
export const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ at, kind: fc.constant('replace' as const), text: oddText }) },
  { weight: 2, arbitrary: fc.record({ at, kind: fc.constant('drop' as const) }) },
  fc.record({
    at,
    kind: fc.constant('extra' as const),
    key: fc.oneof(fc.constantFrom(...keys), anyText),
    text: oddText,
  }),
  fc.record({ at, kind: fc.constant('again' as const), text: oddText }),
  fc.record({
    at,
    kind: fc.constant('nest' as const),
    open: fc.constantFrom('[' as const, '{"x":' as const),
    depth: fc.constantFrom(1, 2, 60, 64, 65, 5_000),
  }),
  fc.record({ at, kind: fc.constantFrom('snake' as const, 'shout' as const) }),
);
