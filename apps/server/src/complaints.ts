/** Turns what a schema refuses into sentences: where it stands and what is expected there. Doors and configuration share it. */
import type { z } from 'zod';

export interface Complaint {
  path: readonly PropertyKey[];
  /** `expected a number`, `is missing: expected text`, `is not a known key`. */
  message: string;
  /** True where the key itself is the fault, not its value. */
  unknownKey: boolean;
}

type Issue = z.core.$ZodIssue;

/** `execute.programs[0]` */
export function dotted(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

/** Every fault of `input`, which the error was made of. */
export function complaintsOf(error: z.ZodError, input: unknown): Complaint[] {
  return error.issues.flatMap((issue) => fromIssue(issue, input, []));
}

function fromIssue(issue: Issue, input: unknown, above: readonly PropertyKey[]): Complaint[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: [...path, key], message: 'is not a known key', unknownKey: true }));
  if (issue.code === 'invalid_union' && issue.message.startsWith('Invalid') && issue.errors.length > 0) {
    const kinds = kindsOf(issue.errors);
    if (path.length > 0 && valueAt(input, path) === undefined && kinds.length > 1)
      return [{ path, message: `is missing: expected ${orList(kinds)}`, unknownKey: false }];
    return nearestBranch(issue.errors).flatMap((inner) => fromIssue(inner, input, path));
  }
  // A key that cannot be says why; that the whole has an invalid key helps nobody.
  if (issue.code === 'invalid_key') return issue.issues.flatMap((inner) => fromIssue(inner, input, path));
  // Where a union has no branches to complain, it is the value that tells them apart that is wrong: it may be missing too.
  const says = issue.code !== 'invalid_union' || 'options' in issue;
  const missing = says && path.length > 0 && valueAt(input, path) === undefined;
  return [{ path, message: missing ? `is missing: ${expectation(issue)}` : expectation(issue), unknownKey: false }];
}

/** What a union of plain kinds of values takes, where each of its branches wants another kind; else empty. */
function kindsOf(branches: readonly (readonly Issue[])[]): string[] {
  const kinds = branches.flatMap(([issue, ...more]) =>
    issue?.code === 'invalid_type' && issue.path.length === 0 && more.length === 0
      ? [nouns[issue.expected] ?? issue.expected]
      : [],
  );
  return kinds.length === branches.length ? [...new Set(kinds)] : [];
}

function orList(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** Of a union's branches, the one that was nearly met: whose faults lie deepest, then are fewest. */
function nearestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] {
  const depth = (issues: readonly Issue[]) => Math.min(...issues.map((issue) => issue.path.length));
  const ranked = [...branches].sort((a, b) => depth(b) - depth(a) || a.length - b.length);
  return ranked[0] ?? [];
}

const nouns: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'an object',
  record: 'an object',
};

/** What a value should have been. A message that the schema brought along is the best one. */
function expectation(issue: Issue): string {
  const own = !/^(Invalid|Too (small|big))/.test(issue.message);
  if (own) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${nouns[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `expected ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`;
    case 'too_small':
      if (issue.inclusive === false) return `expected more than ${issue.minimum}`;
      return `expected at least ${issue.minimum}${unit(issue.origin, Number(issue.minimum))}`;
    case 'too_big':
      return `expected at most ${issue.maximum}${unit(issue.origin, Number(issue.maximum))}`;
    case 'invalid_union':
      if ('options' in issue && Array.isArray(issue.options)) return `expected one of ${issue.options.join(', ')}`;
      return issue.message.replace(/^Invalid \w+: /, '');
    default:
      return issue.message.replace(/^Invalid \w+: /, '');
  }
}

function unit(origin: string, count: number): string {
  if (origin === 'string') return count === 1 ? ' character' : ' characters';
  if (origin === 'array') return count === 1 ? ' entry' : ' entries';
  return '';
}

export function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    // Any key of any object may be asked for: what is not there is undefined.
    (value, part) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[part] : undefined,
    input,
  );
}
