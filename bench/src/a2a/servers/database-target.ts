import type { SocketTarget } from '@skein/drizzle';

/** The database that the figure started for this server: its parent's word, as the last argument. */
export function databaseTarget(): SocketTarget {
  return JSON.parse(process.argv.at(-1) ?? '') as SocketTarget;
}
