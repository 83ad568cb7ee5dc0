/** `skein topology` and `skein report`: who runs what where and for whom, and what it used. */
import { FullProcessTree, ResourceReport, SwarmTopology } from '@skein/contracts';
import type { Command } from 'commander';
import { type CliContext, type CommonOptions, printJson, type Run, withNode } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { processLines } from '../output/process-lines.ts';
import { reportTable } from '../output/report-table.ts';
import { topologyLines } from '../output/topology-lines.ts';

export function addFleet(program: Command, { connect, terminal, now }: CliContext, run: Run): void {
  withNode(program.command('topology').description('show who runs what, where, and for whom'))
    .option('--processes', 'the process tree of this node instead, with its agents elsewhere')
    .action((options: CommonOptions & { processes?: boolean }) =>
      run(async () => {
        const client = connect(options);
        if (options.processes) {
          const tree = await client.read(FullProcessTree, { method: 'GET', path: '/processes' });
          if (options.json) printJson(terminal, tree);
          else if (tree.roots.length === 0) terminal.err('nothing runs\n');
          else terminal.out(`${processLines(tree, await client.names(), terminal).join('\n')}\n`);
          return exitCodes.ok;
        }
        const topology = await client.read(SwarmTopology, { method: 'GET', path: '/topology' });
        if (options.json) printJson(terminal, topology);
        else {
          const isSilent = topology.nodes.some(({ answered }) => !answered);
          const nodes = isSilent ? await client.listNodes() : [];
          const lastHeardOf = (nodeId: string) => nodes.find(({ id }) => id === nodeId)?.lastHeartbeatAt ?? null;
          terminal.out(`${topologyLines(topology, terminal, now(), lastHeardOf, await client.names()).join('\n')}\n`);
        }
        return exitCodes.ok;
      }),
    );
  withNode(program.command('report').description('show what the work of the last day used, by node')).action(
    (options: CommonOptions) =>
      run(async () => {
        const report = await connect(options).read(ResourceReport, { method: 'GET', path: '/report' });
        if (options.json) printJson(terminal, report);
        else terminal.out(`${reportTable(report, terminal)}\n`);
        return exitCodes.ok;
      }),
  );
}
