/** A listener that throws breaks neither its emitter nor the listeners beside it; `onError` hears of it. */
export interface EventSource<Events extends { type: string }> {
  /** Calls `listener` for each event of this type until the returned function is called. */
  on<T extends Events['type']>(type: T, listener: (event: Extract<Events, { type: T }>) => void): () => void;
  /** Calls `listener` for every event until the returned function is called. */
  onAny(listener: (event: Events) => void): () => void;
}

/** The side that tells. Whoever listens is handed an `EventSource`. */
export interface Emitter<Events extends { type: string }> extends EventSource<Events> {
  emit(event: Events): void;
}

/** An emitter of typed, past-tense events, held in memory. */
export function createEmitter<Events extends { type: string }>(onError: (cause: unknown) => void): Emitter<Events> {
  const listeners = new Set<(event: Events) => void>();
  const onAny = (listener: (event: Events) => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  return {
    onAny,
    on: (type, listener) =>
      onAny((event) => {
        // The comparison is the proof that TypeScript cannot follow through the type parameter.
        if (event.type === type) listener(event as Parameters<typeof listener>[0]);
      }),
    emit(event) {
      for (const listener of [...listeners]) {
        try {
          listener(event);
        } catch (cause) {
          onError(cause);
        }
      }
    },
  };
}
