/** What every call that waits for others takes. */
export interface CallOptions {
  /** Ends the wait, with the signal's reason. */
  signal?: AbortSignal;
}
