/** How long a directive's row is kept after its deadline: it is the key that finds duplicates, and the audit trail. */
const DAY_MS = 86_400_000;

/** Both ends have stored the result. */
export const KEEP_ACKNOWLEDGED_MS = 7 * DAY_MS;
/** The other end may still ask for it. */
export const KEEP_UNACKNOWLEDGED_MS = 30 * DAY_MS;
