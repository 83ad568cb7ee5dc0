import type { LoadResult } from './load.ts';
import type { Program } from './pinned.ts';
import type { Slice } from './rounds.ts';

/** One slice of load on a server, with what the server used of its core meanwhile. */
export async function serverSlice(server: Program, load: Program, asked: object): Promise<Slice> {
  const before = await usedUs(server);
  const result = (await load.ask(asked)) as LoadResult; // our own program's answer
  return { ...result, coreUs: ((await usedUs(server)) - before) / result.answers };
}

async function usedUs(server: Program): Promise<number> {
  const { us } = (await server.ask({})) as { us: number }; // as `becomeServer` says it
  return us;
}
