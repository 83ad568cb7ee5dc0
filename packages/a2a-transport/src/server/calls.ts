/** The calls in flight: each can be ended by its client's leaving, and all of them by the server's closing. */
export interface OpenCall {
  readonly signal: AbortSignal;
  abort(reason: Error): void;
  /** The call is over; nothing is left listening. */
  done(): void;
}

/**
 * A plain set of controllers instead of `AbortSignal.any`, which on Node 20 leaves a trace in a long-lived signal for
 * each short-lived one.
 */
export function createOpenCalls() {
  const open = new Set<AbortController>();
  return {
    begin(client: AbortSignal): OpenCall {
      const controller = new AbortController();
      const onGone = () => controller.abort(new Error('The client went away'));
      if (client.aborted) onGone();
      else client.addEventListener('abort', onGone, { once: true });
      open.add(controller);
      return {
        signal: controller.signal,
        abort: (reason) => controller.abort(reason),
        done() {
          client.removeEventListener('abort', onGone);
          open.delete(controller);
        },
      };
    },
    abortAll(reason: Error): void {
      for (const controller of [...open]) controller.abort(reason);
    },
  };
}
