/** Whether a value can travel: a body may not nest too deep, nor hold keys that reach behind an object. */
import type { StateValue } from './state-store.ts';

/** Well below what a body may have, because the value stands deep in one. */
const MAX_DEPTH = 32;
const forbidden = new Set(['__proto__', 'constructor']);

/** Looks level by level, so that no nesting can overflow it. */
export function isPortable(value: StateValue): boolean {
  let level: StateValue[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return false;
    const below: StateValue[] = [];
    for (const item of level) {
      if (typeof item !== 'object' || item === null) continue;
      if (!Array.isArray(item) && Object.keys(item).some((key) => forbidden.has(key))) return false;
      for (const child of Object.values(item)) below.push(child);
    }
    level = below;
  }
  return true;
}
