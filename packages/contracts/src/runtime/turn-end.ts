/** Does something after what is ready now has run. */
export type TurnEnd = (act: () => void) => void;

/**
 * Does the acts of one turn of the loop together. What came with many sockets at once goes on side by side, each step for all of
 * them: between the system calls of one and those of the next its code would be found cold every time, which costs as much
 * again as to run it.
 */
export function createTurnEnd(): TurnEnd {
  let acts: (() => void)[] = [];
  return (act) => {
    acts.push(act);
    if (acts.length > 1) return;
    setImmediate(() => {
      const now = acts;
      acts = [];
      for (const each of now) each();
    });
  };
}

/** Resolves after what is ready now has run. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
