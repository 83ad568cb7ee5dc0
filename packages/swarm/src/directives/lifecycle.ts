/** A lifecycle as data: which state may follow which. Anything else is a bug, and is refused. */
import { SwarmError } from '../errors.ts';

export interface Lifecycle<S extends string> {
  can(from: S, to: S): boolean;
  /** Errors: ILLEGAL_TRANSITION. */
  require(from: S, to: S): void;
}

export function lifecycleOf<S extends string>(successors: Readonly<Record<S, readonly S[]>>): Lifecycle<S> {
  const can = (from: S, to: S) => successors[from].includes(to);
  return {
    can,
    require(from, to) {
      if (!can(from, to)) throw new SwarmError('ILLEGAL_TRANSITION', `a directive cannot go from ${from} to ${to}`);
    },
  };
}
