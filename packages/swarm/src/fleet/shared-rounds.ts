/**
 * Shares rounds of questions: whoever asks while a round is under way waits for the next one, together with all who ask
 * meanwhile. So nobody is answered with what was gathered before the question, and many who ask cost two rounds at most.
 */
export function sharedRounds<K, T>(ask: (key: K) => Promise<T>): (key: K, signal: AbortSignal) => Promise<T> {
  const underWay = new Map<K, Promise<unknown>>();
  const next = new Map<K, Promise<T>>();

  function begin(key: K): Promise<T> {
    const round = ask(key);
    const over = round.then(
      () => {},
      () => {},
    );
    underWay.set(key, over);
    void over.then(() => {
      if (underWay.get(key) === over) underWay.delete(key);
    });
    return round;
  }

  function join(key: K): Promise<T> {
    const current = underWay.get(key);
    if (!current) return begin(key);
    const joined =
      next.get(key) ??
      current.then(() => {
        next.delete(key);
        return begin(key);
      });
    next.set(key, joined);
    return joined;
  }

  return async (key, signal) => {
    signal.throwIfAborted();
    let onAbort = () => {};
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
    });
    try {
      return await Promise.race([join(key), aborted]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  };
}
