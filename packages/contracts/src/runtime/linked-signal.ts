/**
 * Joins signals for as long as one call lasts. Not `AbortSignal.any`: on Node 20 it leaves a trace in a parent for each
 * signal that was ever made of it, and a node's own signals live as long as the node.
 */
export interface LinkedSignal {
  readonly signal: AbortSignal;
  /** The call is over: nothing is left listening, and no parent is heard any more. Twice is as good as once. */
  clear(): void;
}

/** A signal that aborts with the reason of the first parent that does. Whoever makes one clears it. */
export function linkedSignal(...parents: readonly (AbortSignal | undefined)[]): LinkedSignal {
  const controller = new AbortController();
  const links = new Map<AbortSignal, () => void>();
  const clear = () => {
    for (const [parent, onAbort] of links) parent.removeEventListener('abort', onAbort);
    links.clear();
  };
  for (const parent of parents) {
    if (!parent || controller.signal.aborted) continue;
    const onAbort = () => {
      clear();
      controller.abort(parent.reason);
    };
    links.set(parent, onAbort);
    if (parent.aborted) onAbort();
    else parent.addEventListener('abort', onAbort, { once: true });
  }
  return { signal: controller.signal, clear };
}
