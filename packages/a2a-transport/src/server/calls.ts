/** The calls in flight: each can be ended by its client's leaving, and all of them by the server's closing. */
export interface OpenCall {
  readonly signal: AbortSignal;
  abort(reason: Error): void;
  /** The call is over; nothing is left listening. */
  done(): void;
}

/**
 * A plain set of controllers instead of `AbortSignal.any`, which on Node 20 leaves a trace in a long-lived signal for
 * each short-lived one. A call costs nothing until somebody asks for its signal: most never do.
 */
export function createOpenCalls() {
  const open = new Set<AbortController>();
  let closed: Error | undefined;
  return {
    begin(client: () => AbortSignal): OpenCall {
      let controller: AbortController | undefined;
      const onGone = () => controller?.abort(new Error('The client went away'));
      const begun = () => {
        if (controller) return controller;
        controller = new AbortController();
        if (closed) controller.abort(closed);
        if (client().aborted) onGone();
        else client().addEventListener('abort', onGone, { once: true });
        open.add(controller);
        return controller;
      };
      return {
        get signal() {
          return begun().signal;
        },
        abort: (reason) => begun().abort(reason),
        done() {
          if (!controller) return;
          client().removeEventListener('abort', onGone);
          open.delete(controller);
        },
      };
    },
    abortAll(reason: Error): void {
      closed = reason;
      for (const controller of [...open]) controller.abort(reason);
    },
  };
}
