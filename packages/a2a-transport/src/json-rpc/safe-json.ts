import { A2AError } from '../errors.ts';

/** How deep a body may nest, where nobody says otherwise. */
export const MAX_JSON_DEPTH = 64;

/**
 * Refuses JSON that is nested too deep for those who walk it by recursion, and keys that reach behind an object when
 * somebody copies it carelessly. Itself it goes no deeper than it allows, so that no nesting can overflow it.
 */
export function assertSafeJson(value: unknown, maxDepth: number): void {
  if (typeof value === 'object' && value !== null) walk(value, maxDepth, maxDepth);
}

function walk(value: object, depthLeft: number, maxDepth: number): void {
  if (depthLeft === 0) throw new A2AError('INVALID_REQUEST', `JSON nests at most ${maxDepth} levels deep`);
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object' && item !== null) walk(item, depthLeft - 1, maxDepth);
    return;
  }
  for (const key in value) {
    if (key === '__proto__' || key === 'constructor') {
      throw new A2AError('INVALID_REQUEST', `The key "${key}" is not allowed`);
    }
    const child = (value as Record<string, unknown>)[key]; // what came from JSON is a record
    if (typeof child === 'object' && child !== null) walk(child, depthLeft - 1, maxDepth);
  }
}
