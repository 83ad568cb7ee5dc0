import { A2AError } from '../errors.ts';

/** How deep a body may nest, where nobody says otherwise. */
export const MAX_JSON_DEPTH = 64;

/** Keys that reach behind an object when somebody copies it carelessly. */
const forbidden = new Set(['__proto__', 'constructor']);

/**
 * Refuses JSON that is nested too deep for those who walk it by recursion, and keys that pollute prototypes.
 * It walks level by level itself, so that no nesting can overflow it.
 */
export function assertSafeJson(value: unknown, maxDepth: number): void {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    const below: unknown[] = [];
    for (const item of level) {
      if (typeof item !== 'object' || item === null) continue;
      if (depth >= maxDepth) throw new A2AError('INVALID_REQUEST', `JSON nests at most ${maxDepth} levels deep`);
      for (const [key, child] of Object.entries(item)) {
        if (forbidden.has(key)) throw new A2AError('INVALID_REQUEST', `The key "${key}" is not allowed`);
        if (typeof child === 'object' && child !== null) below.push(child);
      }
    }
    level = below;
  }
}
