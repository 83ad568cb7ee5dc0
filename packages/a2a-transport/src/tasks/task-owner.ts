import type { Principal } from '../server/principal.ts';
import type { TaskOwner } from './task-store.ts';

/** Who asks, for which of the agents behind a server. Without principal and tenant it is everybody's. */
export function ownerOf(principal: Principal | undefined, tenant: string | undefined): TaskOwner {
  if (!principal && !tenant) return '';
  return JSON.stringify([principal?.kind ?? null, principal?.id ?? null, tenant ?? '']);
}
