/** Names that stand in a path of the REST interface. */
import { SwarmError } from './errors.ts';

/** `.` and `..` mean a folder in every address, however they are written there: nobody could ask for what has that name. */
export function requirePathable(what: string, name: string): void {
  if (name !== '.' && name !== '..') return;
  throw new SwarmError('INVALID_ARGUMENT', `${what}: ${name} cannot stand in an address; choose another name`);
}
