import { A2AError } from '../../errors.ts';

/** How v0.3 is read: what a reader cannot make sense of is refused with the place where it stood. */
export type JsonObject = Record<string, unknown>;

export function refuse(message: string): never {
  throw new A2AError('INVALID_PARAMS', message);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The fields of one of A2A's own objects. A `null` stands for what is left out: some writers cannot leave out. */
export function readObject(value: unknown, where: string): JsonObject {
  if (!isObject(value)) return refuse(`${where} must be an object`);
  for (const key in value) if (value[key] === null) return Object.fromEntries(Object.entries(value).filter(isGiven));
  return value;
}

export function readList<Item>(value: unknown, where: string, read: (item: unknown, where: string) => Item): Item[] {
  if (!Array.isArray(value)) return refuse(`${where} must be an array`);
  return value.map((item, index) => read(item, `${where}[${index}]`));
}

/** What is absent stays absent: no key at all, instead of one that holds `undefined`. */
export function given(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** v0.3 tells its objects apart by `kind`. One that left it out is taken at its place's word. */
export function expectKind(kind: unknown, expected: string, where: string): void {
  if (kind !== undefined && kind !== expected) refuse(`${where}.kind must be "${expected}"`);
}

function isGiven([, value]: [string, unknown]): boolean {
  return value !== null;
}
