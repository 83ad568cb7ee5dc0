/** `skein nodes`: who is in the swarm, as this node sees it. */
import type { NodeView } from '@skein/contracts';
import type { Command } from 'commander';
import { type CliContext, type CommonOptions, printJson, type Run, withNode } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatTable } from '../output/table.ts';
import { oneLine, type Terminal } from '../output/terminal.ts';
import { ago, coloredStatus, shortId } from '../output/words.ts';

export function addNodes(program: Command, context: CliContext, run: Run): void {
  withNode(program.command('nodes').description('list the nodes of the swarm, as this node sees them')).action(
    (options: CommonOptions) =>
      run(async () => {
        const nodes = await context.connect(options).listNodes();
        if (options.json) printJson(context.terminal, { nodes });
        else context.terminal.out(`${nodesTable(nodes, context.terminal, context.now())}\n`);
        return exitCodes.ok;
      }),
  );
}

function nodesTable(nodes: readonly NodeView[], terminal: Terminal, nowMs: number): string {
  const { color } = terminal;
  const rows = nodes.map((node) => [
    oneLine(node.name) + (node.isSelf ? color.dim(' (this)') : ''),
    coloredStatus(node.status, color),
    oneLine(node.addresses[0] ?? '–'),
    node.lastHeartbeatAt === null ? '–' : ago(node.lastHeartbeatAt, nowMs),
    shortId(node.id),
  ]);
  return formatTable(['node', 'status', 'address', 'last beat', 'id'], rows, terminal);
}
