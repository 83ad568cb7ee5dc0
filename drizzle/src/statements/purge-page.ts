/**
 * How many directives a purge deletes at most, so that it ends well within the time of a statement, on a slow
 * disk too. Whoever purges comes again soon while there was something to forget.
 */
export const PURGE_PAGE = 2_000;
