/** Takes steps under one name one after another; steps under different names do not wait for each other. */
export function createTurns(): <T>(name: string, step: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return (name, step) => {
    const before = last.get(name) ?? Promise.resolve();
    const turn = before.then(step, step); // who went before may have failed: not our concern
    last.set(name, turn);
    const forget = () => {
      if (last.get(name) === turn) last.delete(name);
    };
    turn.then(forget, forget);
    return turn;
  };
}
