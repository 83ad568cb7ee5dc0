/** How many directives a purge deletes at most, so that it ends well within the time of a statement. The rest waits. */
export const PURGE_PAGE = 20_000;
