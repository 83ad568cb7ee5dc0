/** What a node that is taken out of work answers to new work: for now, or until somebody opens it again. */
import { ApplicationError } from '@skein/a2a-transport';
import { type Eligibility, ERROR_DOMAIN } from '@skein/contracts';

/** The sender waits, or goes elsewhere: nothing was stored, and nothing happened. */
const RETRY_AFTER_MS = 5_000;

export function refusalWhileOut(eligibility: Eligibility): ApplicationError | undefined {
  if (eligibility === 'eligible') return undefined;
  const [reason, message] =
    eligibility === 'sealed'
      ? ['NODE_SEALED', 'this node is sealed and takes no work']
      : ['NODE_DRAINING', 'this node is being drained and takes no new work for now'];
  return new ApplicationError({
    ...{ domain: ERROR_DOMAIN, reason, message, httpStatus: 503, retryAfterMs: RETRY_AFTER_MS },
  });
}
