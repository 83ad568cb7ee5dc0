/** Does something after what is ready now has run. */
export type TurnEnd = (act: () => void) => void;

/**
 * Does the acts of one turn of the loop together. What came with many sockets at once goes on side by side, each step for all of
 * them: between the system calls of one and those of the next its code would be found cold every time, which costs as much
 * again as to run it. An act that throws takes none of the others with it.
 */
export function createTurnEnd(soon: (act: () => void) => void = setImmediate): TurnEnd {
  let acts: (() => void)[] = [];

  function run(now: readonly (() => void)[]): void {
    let next = 0;
    try {
      while (next < now.length) now[next++]?.();
    } finally {
      if (next < now.length) soon(() => run(now.slice(next)));
    }
  }

  return (act) => {
    acts.push(act);
    if (acts.length > 1) return;
    soon(() => {
      const now = acts;
      acts = [];
      run(now);
    });
  };
}

/** Resolves after what is ready now has run. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
