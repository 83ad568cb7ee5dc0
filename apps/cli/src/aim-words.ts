/** What is said of the node that an order goes to: that it is waited for, and who it was in the end. */
import type { NodeView } from '@skein/contracts';
import type { NodeClient } from './client.ts';
import { oneLine, type Terminal } from './output/terminal.ts';
import type { Aim } from './selector-options.ts';

/** Work for these is kept until they take it again, or its time is over. */
const AWAY: readonly NodeView['status'][] = ['offline', 'suspect', 'unverified', 'draining', 'drained'];

/** Else a command stands still, and nobody knows why. */
export function sayIfAway(node: NodeView | undefined, { err, color }: Terminal, json: boolean | undefined): void {
  if (node === undefined || json || !AWAY.includes(node.status)) return;
  err(`${color.dim(`waiting for ${oneLine(node.name)}, which is ${node.status}`)}\n`);
}

/** Whom a selector meant stands in the directive's row. That it cannot be read must not hide what is told with it. */
export async function nameOfAim({ node, target }: Aim, directiveId: string, client: NodeClient): Promise<string> {
  if (node) return oneLine(node.name);
  if (typeof target === 'string') return target; // no node, and named by whoever asked
  try {
    const { directive } = await client.getDirective(directiveId, 'outbox');
    return (await client.names())(directive.targetNodeId);
  } catch {
    return 'the node';
  }
}
