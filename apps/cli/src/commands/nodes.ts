/** `skein nodes`: who is in the swarm as this node sees it, or one of them with all that is known of it. */
import { EligibilityView, NodeHealth, type NodeView } from '@skein/contracts';
import type { Command } from 'commander';
import type { NodeClient } from '../client.ts';
import { type CliContext, type CommonOptions, printJson, type Run, withNode } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { nodeNamer, requireNode } from '../node-names.ts';
import { noteWords } from '../output/eligibility-words.ts';
import { nodeDetail } from '../output/node-detail.ts';
import { nodesTable } from '../output/nodes-table.ts';
import { oneLine } from '../output/terminal.ts';
import { cutTo } from '../output/text-width.ts';
import { coloredStatus } from '../output/words.ts';

interface NodesOptions extends CommonOptions {
  wide?: boolean;
}

export function addNodes(program: Command, context: CliContext, run: Run): void {
  withNode(program.command('nodes').description('list the nodes of the swarm, as this node sees them, or show one'))
    .argument('[node]', 'its name or id, to see all that is known of it')
    .option('--wide', 'every column whole, however wide the terminal is')
    .action((word: string | undefined, options: NodesOptions) =>
      run(() => (word === undefined ? list(options, context) : show(word, options, context))),
    );
}

async function list(options: NodesOptions, { connect, terminal, now }: CliContext): Promise<number> {
  const client = connect(options);
  const nodes = await client.listNodes();
  if (options.json) {
    printJson(terminal, { nodes });
    return exitCodes.ok;
  }
  terminal.out(`${nodesTable(nodes, terminal, now(), options.wide === true)}\n`);
  const decided = nodes.filter(({ eligibility }) => eligibility !== 'eligible').slice(0, EXPLAINED);
  const views = await Promise.all(decided.map(({ id }) => eligibilityOf(id, client)));
  const lines = decided.flatMap((node, index) => {
    const view = views[index];
    const why = view && noteWords(view, nodeNamer(nodes), now());
    if (why === undefined || node.eligibility === 'eligible') return [];
    const status = coloredStatus(node.eligibility, terminal.color);
    return [`${oneLine(node.name)} is ${status}: ${why}`];
  });
  if (lines.length > 0) terminal.out(`\n${lines.map((line) => `${cutTo(line, terminal.width)}\n`).join('')}`);
  return exitCodes.ok;
}

/** Of so many at most is asked why they are out of work. */
const EXPLAINED = 10;

/** Undefined where it cannot be told: the list is worth as much without it. */
async function eligibilityOf(id: NodeView['id'], client: NodeClient): Promise<EligibilityView | undefined> {
  return client.read(EligibilityView, { method: 'GET', path: `/nodes/${id}/eligibility` }).catch(() => undefined);
}

async function show(word: string, options: NodesOptions, { connect, terminal, now }: CliContext): Promise<number> {
  const client = connect(options);
  const nodes = await client.listNodes();
  const node = requireNode(nodes, word);
  const [eligibility, health] = await Promise.all([
    client.read(EligibilityView, { method: 'GET', path: `/nodes/${node.id}/eligibility` }),
    client.read(NodeHealth, { method: 'GET', path: `/nodes/${node.id}/health` }),
  ]);
  if (options.json) printJson(terminal, { node, eligibility, health });
  else terminal.out(nodeDetail({ node, eligibility, health }, nodeNamer(nodes), terminal, now()));
  return exitCodes.ok;
}
