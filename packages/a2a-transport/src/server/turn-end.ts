/** Does something after what is ready now has run. */
export type TurnEnd = (act: () => void) => void;

/** Does the acts of one turn of the loop together, since a timer for each costs more than most of them. */
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
