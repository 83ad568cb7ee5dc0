/** Shows an agent in the process tree of the node that spawned it, once, while it runs on another. */
import { setTimeout } from 'node:timers/promises';
import { FIRST_REMOTE_PID, FullProcessTree } from '@skein/contracts';
import { processLines } from '../output/process-lines.ts';
import type { Terminal } from '../output/terminal.ts';
import type { DemoNode } from './swarm.ts';

const LOOK_EVERY_MS = 50;

/**
 * Resolves with whether it was seen, at the latest when `over` aborts. It is shown once its first figures are there, or else
 * as it was seen.
 */
export async function showAgentAtWork(
  from: DemoNode,
  nameOf: (id: string) => string,
  terminal: Terminal,
  over: AbortSignal,
): Promise<boolean> {
  let seen: FullProcessTree | undefined;
  while (!over.aborted) {
    const tree = await from.client.read(FullProcessTree, { method: 'GET', path: '/processes' });
    const agent = tree.roots.find(({ pid }) => pid >= FIRST_REMOTE_PID);
    if (agent) seen = tree;
    if (agent && agent.cpuMs > 0) break;
    await setTimeout(LOOK_EVERY_MS, undefined, { signal: over }).catch(() => {}); // it ended meanwhile
  }
  if (!seen) return false;
  const title = `the process tree of ${from.child.name} while the agent runs`;
  terminal.out(`\n  ${terminal.color.dim(title)}\n`);
  for (const line of processLines(seen, nameOf, terminal)) terminal.out(`  ${line}\n`);
  terminal.out('\n');
  return true;
}
