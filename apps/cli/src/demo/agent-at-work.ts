/** Shows an agent in the process tree of the node that spawned it, once, while it runs on another. */
import { setTimeout } from 'node:timers/promises';
import { FIRST_REMOTE_PID, FullProcessTree } from '@skein/contracts';
import { processLines } from '../output/process-lines.ts';
import type { Terminal } from '../output/terminal.ts';
import type { DemoNode } from './swarm.ts';

const LOOK_EVERY_MS = 50;

/** Resolves with whether it was seen, at the latest when `over` aborts. */
export async function showAgentAtWork(
  from: DemoNode,
  nameOf: (id: string) => string,
  terminal: Terminal,
  over: AbortSignal,
): Promise<boolean> {
  while (!over.aborted) {
    const tree = await from.client.read(FullProcessTree, { method: 'GET', path: '/processes' });
    if (tree.roots.some(({ pid, cpuMs }) => pid >= FIRST_REMOTE_PID && cpuMs > 0)) {
      const title = `the process tree of ${from.child.name} while the agent runs`;
      terminal.out(`\n  ${terminal.color.dim(title)}\n`);
      for (const line of processLines(tree, nameOf, terminal)) terminal.out(`  ${line}\n`);
      terminal.out('\n');
      return true;
    }
    await setTimeout(LOOK_EVERY_MS, undefined, { signal: over }).catch(() => {}); // it ended meanwhile
  }
  return false;
}
